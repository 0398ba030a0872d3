// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/parse/settings.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace picket::routing::parse {
namespace {

constexpr std::size_t kDefaultBytes = std::size_t{1024} * 1024;
constexpr std::size_t kDefaultFields = 256;

OnError read_on_error(const std::string& text) {
  if (text == "pass") return OnError::pass;
  return text == "drop" ? OnError::drop : OnError::tag;
}

TargetType read_target_type(const std::string& text) {
  if (text == "integer") return TargetType::integer;
  return text == "real" ? TargetType::real : TargetType::boolean;
}

Zone read_zone(const nlohmann::json& settings) {
  const auto zone = Zone::parse(settings.value("zone", "local"));
  if (!zone) throw std::runtime_error("zone: not utc, local or an offset like +02:00");
  return *zone;
}

// Every option that some format has for itself.
std::vector<std::string_view> options_of_formats() {
  std::vector<std::string_view> options;
  for (const FormatType* type : format_types())
    options.insert(options.end(), type->options.begin(), type->options.end());
  return options;
}

bool has_option(const FormatType& type, std::string_view option) {
  return std::find(type.options.begin(), type.options.end(), option) != type.options.end();
}

void check_options(const nlohmann::json& settings, const FormatType& type, std::vector<StepProblem>& problems) {
  for (const std::string_view option : options_of_formats()) {
    if (!settings.contains(option) || has_option(type, option)) continue;
    std::string owner;
    for (const FormatType* other : format_types()) {
      if (has_option(*other, option)) owner = other->name;
    }
    problems.push_back({"/" + std::string(option), 0,
                        "has no meaning for the format " + std::string(type.name) + ", only for " + owner});
  }
  if (!settings.contains("zone")) return;
  if (&type != &kSyslog && !settings.contains("time")) {
    problems.push_back({"/zone", 0, "nothing here reads a time: give `time`, or leave `zone` out"});
  } else if (!Zone::parse(settings["zone"].get<std::string>())) {
    problems.push_back({"/zone", 0, "not utc, local or an offset like +02:00"});
  }
}

void check_time(const nlohmann::json& settings, std::vector<StepProblem>& problems) {
  const auto time = settings.find("time");
  if (time == settings.end()) return;
  try {
    TimeFormat(time->value("format", "rfc3339"), *Zone::parse("utc"));
  } catch (const TimeFormatError& error) {
    problems.push_back({"/time/format", error.offset, error.what()});
  }
}

}  // namespace

Settings read_settings(const nlohmann::json& settings) {
  const Zone zone = read_zone(settings);
  const FormatType& type = format_type(settings.at("format").get<std::string>());
  const std::string into = settings.value("into", "");
  Settings result{&type,
                  type.make(settings, zone),
                  settings.value("field", "message"),
                  into,
                  settings.value("keep", true),
                  read_on_error(settings.value("on_error", "tag")),
                  settings.value("max_bytes", kDefaultBytes),
                  settings.value("max_fields", kDefaultFields),
                  {},
                  {},
                  {}};
  for (const auto& [key, target] : settings.value("types", std::map<std::string, std::string>())) {
    result.types.push_back({WantedKey(into + key), read_target_type(target)});
  }
  if (const auto time = settings.find("time"); time != settings.end()) {
    result.time.emplace(Settings::TimeSource{WantedKey(into + time->at("field").get<std::string>()),
                                             TimeFormat(time->value("format", "rfc3339"), zone),
                                             time->value("keep", false)});
  }
  if (const auto severity = settings.find("severity"); severity != settings.end()) {
    const auto map = severity->value("map", std::map<std::string, std::string>());
    result.severity.emplace(Settings::SeveritySource{WantedKey(into + severity->at("field").get<std::string>()),
                                                     SeverityMap(map), severity->value("keep", false)});
  }
  return result;
}

std::vector<StepProblem> check_settings(const nlohmann::json& settings) {
  std::vector<StepProblem> problems;
  const FormatType& type = format_type(settings.at("format").get<std::string>());
  check_options(settings, type, problems);
  if (type.check != nullptr) type.check(settings, problems);
  check_time(settings, problems);
  return problems;
}

}  // namespace picket::routing::parse

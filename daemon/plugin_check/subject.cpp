// SPDX-License-Identifier: Apache-2.0
#include "plugin_check/subject.hpp"

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "config/plugin_settings.hpp"
#include "platform/clock.hpp"
#include "platform/shared_library.hpp"

namespace picket::plugin_check {
namespace {

constexpr std::int64_t kSettleNs = 200 * platform::kMillisecond;

}  // namespace

Result<const picket_plugin_type*> load_type(const std::filesystem::path& file) {
  const auto library = platform::SharedLibrary::load(file);
  if (!library) return library.error();
  void* const symbol = (*library)->symbol(PICKET_PLUGIN_SYMBOL);
  if (symbol == nullptr) {
    return Error{std::string("there is no function ") + PICKET_PLUGIN_SYMBOL +
                     " in it; export the class with PICKET_PLUGIN, or in C a function of that name with PICKET_EXPORT",
                 PICKET_NOT_FOUND};
  }
  return reinterpret_cast<picket_plugin_v1_fn>(symbol)();
}

std::string id_of_library(const std::filesystem::path& file) {
  const std::string probe = platform::library_file_name("*");
  const std::size_t star = probe.find('*');
  const std::string name = file.filename().string();
  const std::string prefix = probe.substr(0, star);
  const std::string suffix = probe.substr(star + 1);
  if (name.size() <= prefix.size() + suffix.size() || !name.starts_with(prefix) || !name.ends_with(suffix)) return {};
  return name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
}

Result<std::string> usable_settings(const picket_plugin_type& type, const TrialInput& input) {
  const auto base = std::filesystem::temp_directory_path();
  if (!input.settings_yaml.empty()) {
    return config::check_plugin_settings(type.config_schema, input.settings_yaml, input.settings_name, base);
  }
  auto defaults = config::check_plugin_settings(type.config_schema, "{}", "the defaults", base);
  if (defaults) return defaults;
  const auto schema = nlohmann::json::parse(type.config_schema, nullptr, false);
  if (schema.is_object() && schema.contains("examples") && schema["examples"].is_array()) {
    for (const nlohmann::json& example : schema["examples"]) {
      auto settings = config::check_plugin_settings(type.config_schema, example.dump(), "an example", base);
      if (settings) return settings;
    }
  }
  return Error{"it cannot be made without settings (" + defaults.error().message +
                   "); give some with --settings FILE, or put `examples` into its schema",
               PICKET_INVALID};
}

Subject::Subject(const TrialInput& input, Report& report) : input_(input), report_(report) {
  report.at("loading the library");
  const auto type = load_type(input.file);
  if (!type || *type == nullptr) {
    report.fail(type ? std::string(PICKET_PLUGIN_SYMBOL) + " returned null" : type.error().message);
    throw TrialOver{};
  }
  type_ = *type;
  auto settings = usable_settings(*type_, input);
  if (!settings) {
    report.fail(settings.error().message);
    throw TrialOver{};
  }
  settings_ = std::move(*settings);
}

Guarded::Guarded(const Subject& subject, testing::Options options)
    : Guarded(subject, subject.settings(), std::move(options)) {}

Guarded::Guarded(const Subject& subject, const std::string& settings, testing::Options options)
    : input_(subject.input()), report_(subject.report()), host_(&subject.type(), settings, std::move(options)) {}

void Guarded::call(const std::string& what, const std::function<void()>& work) {
  report_.at(what);
  try {
    work();
  } catch (const TrialOver&) {
    throw;
  } catch (const std::exception& exception) {
    report_.fail_and_leave("an exception left " + what + ": " + exception.what() +
                           "; catch it in the plugin and return an error");
  } catch (...) {
    report_.fail_and_leave("an exception left " + what + "; catch it in the plugin and return an error");
  }
}

void Guarded::require(const std::string& what, const Result<void>& result) {
  if (result) return;
  const std::string& text = result.error().message;
  const std::string how = text.empty() ? "without a text: fill picket_error.message" : ": " + text;
  report_.fail_and_leave(what + " failed with status " + std::to_string(result.error().status) +
                         (text.empty() ? " " : "") + how);
}

void Guarded::create() {
  Result<void> result;
  call("create()", [&] { result = host_.create(); });
  require("create()", result);
  const picket_plugin& plugin = host_.plugin();
  std::string missing;
  if (plugin.start == nullptr) missing += " start";
  if (plugin.stop == nullptr) missing += " stop";
  if (plugin.destroy == nullptr) missing += " destroy";
  if (missing.empty()) return;
  report_.fail_and_leave("create() left out functions of picket_plugin:" + missing +
                         "; set them, and set picket_plugin.size to how much was filled in");
}

void Guarded::start() {
  require("start()", try_start());
}

Result<void> Guarded::try_start() {
  Result<void> result;
  call("start()", [&] { result = host_.start(); });
  return result;
}

void Guarded::stop() {
  call("stop()", [&] { host_.stop(); });
}

void Guarded::destroy() {
  call("destroy()", [&] { host_.destroy(); });
}

void Guarded::pass(int seconds) {
  const std::int64_t end_ns = platform::system_clock().monotonic_ns() + input_.patience_ns;
  call("a timer", [&] {
    for (int i = 0; i < seconds && platform::system_clock().monotonic_ns() < end_ns; ++i)
      host_.advance(std::chrono::seconds(1));
  });
}

void Guarded::settle() {
  report_.at("after the last call, while nothing should happen");
  wait_for(kSettleNs, [] { return false; });
  report_misuses();
}

void Guarded::report_misuses() {
  for (const std::string& misuse : host_.misuses()) report_.fail(misuse);
}

std::vector<testing::Event> sample_events() {
  using testing::Event;
  std::vector<Event> events;
  for (int i = 0; i < 8; ++i) {
    Event metric;
    metric.kind = "metric";
    metric.fields = {{"name", std::string("check.number")}, {"value", 0.5 + i}, {"mode", std::string("user")}};
    events.push_back(metric);
  }
  Event log;
  log.kind = "log";
  log.severity = PICKET_SEVERITY_WARNING;
  log.fields = {{"message", std::string("caf\xC3\xA9 \"quoted\" \\ \n second line")}, {"pid", std::int64_t{4711}}};
  events.push_back(log);
  Event odd;
  odd.kind = "odd";
  odd.time_ns = -1;
  odd.severity = PICKET_SEVERITY_EMERGENCY;
  odd.fields = {{"nothing", std::monostate()},
                {"yes", true},
                {"least", std::int64_t{INT64_MIN}},
                {"infinite", std::numeric_limits<double>::infinity()},
                {"not_a_number", std::numeric_limits<double>::quiet_NaN()},
                {"empty", std::string()},
                {"bytes", testing::Bytes{std::string("\0\xFF\x01", 3)}},
                {"json", testing::Json{R"({"a": [1, 2, {"b": null}]})"}},
                {"long", std::string(10'000, 'x')}};
  events.push_back(odd);
  Event bare;
  bare.kind = "bare";
  events.push_back(bare);
  return events;
}

bool wait_for(std::int64_t patience_ns, const std::function<bool()>& condition) {
  const std::int64_t end_ns = platform::system_clock().monotonic_ns() + patience_ns;
  while (!condition()) {
    if (platform::system_clock().monotonic_ns() >= end_ns) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace picket::plugin_check

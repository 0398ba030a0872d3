// SPDX-License-Identifier: Apache-2.0
#include "rehearsal/matching.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "config/units.hpp"
#include "platform/utc_time.hpp"
#include "routing/event_json.hpp"

namespace picket::rehearsal {
namespace {

const picket_field* find_field_of_event(const Actual& actual, const std::string& key, const routing::Names& names) {
  const picket_event& event = actual.event();
  for (std::uint32_t i = 0; i < event.field_count; ++i) {
    const picket_field& field = actual.batch->fields[event.first_field + i];
    if (routing::field_key(*actual.batch, field, names) == key) return &field;
  }
  return nullptr;
}

std::string field_as_json(const Actual& actual, const std::string& key, const routing::Names& names) {
  const picket_field* const field = find_field_of_event(actual, key, names);
  std::string text;
  if (field != nullptr) routing::append_field_json(*actual.batch, *field, names, text);
  return text;
}

// "(none)" where there is nothing, as messages of alerts say it.
constexpr const char* kNothing = "(none)";

}  // namespace

std::string offset_text(std::int64_t at_ns) {
  return config::format_duration(at_ns);
}

Result<Matcher> Matcher::compile(const config::TestMatch& match, routing::Names& names) {
  Matcher matcher(match, names);
  const auto compile_one = [&](const std::string& text) -> Result<std::optional<routing::Filter>> {
    if (text.empty()) return std::optional<routing::Filter>();
    auto compiled = routing::Filter::compile(text, names);
    if (!compiled) return Error{compiled.error().message, PICKET_INVALID};
    return std::optional<routing::Filter>(std::move(compiled.value()));
  };
  for (const config::TestValue& value : match.values) {
    auto compiled = compile_one(value.expression);
    if (!compiled) return Error{"`" + value.key + "`: " + compiled.error().message, PICKET_INVALID};
    matcher.values_.push_back(std::move(*compiled));
  }
  auto where = compile_one(match.where_expression);
  if (!where) return where.error();
  matcher.where_ = std::move(*where);
  return matcher;
}

bool Matcher::value_matches(std::size_t index, const Actual& actual) const {
  if (values_[index]) return values_[index]->matches(*actual.batch, actual.event());
  const config::TestValue& value = match_->values[index];
  const std::string text = field_as_json(actual, value.key, *names_);
  const auto json = nlohmann::json::parse(text, nullptr, false);
  return !json.is_discarded() && json == nlohmann::json::parse(value.json);
}

std::int64_t Matcher::time_off(const Actual& actual) const {
  if (!match_->from_ns) return 0;
  if (actual.at_ns < *match_->from_ns) return *match_->from_ns - actual.at_ns;
  return actual.at_ns > *match_->to_ns ? actual.at_ns - *match_->to_ns : 0;
}

bool Matcher::matches(const Actual& actual) const {
  if (time_off(actual) != 0) return false;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (!value_matches(i, actual)) return false;
  }
  return !where_ || where_->matches(*actual.batch, actual.event());
}

std::string Matcher::value_text(const config::TestValue& value, const Actual& actual) const {
  const picket_event& event = actual.event();
  // A value that is looked up as a part of the event says so by its expression, which does not begin with `fields`.
  const bool part = value.expression.find("fields[") == std::string::npos && value.json.empty();
  if (part && value.key == "kind") return std::string(names_->text(event.kind));
  if (part && value.key == "source") return event.source == 0 ? kNothing : std::string(names_->text(event.source));
  if (part && value.key == "severity") {
    return event.severity == 0 ? kNothing : std::string(routing::severity_text(event.severity));
  }
  if (part && value.key == "time") return platform::format_utc(event.time_ns, 9);
  const std::string text = field_as_json(actual, value.key, *names_);
  return text.empty() ? kNothing : text;
}

std::string Matcher::expected_time() const {
  const std::string from = offset_text(*match_->from_ns);
  return *match_->from_ns == *match_->to_ns ? from : from + " to " + offset_text(*match_->to_ns);
}

std::vector<Compared> Matcher::compare(const Actual& actual) const {
  std::vector<Compared> lines;
  // The time is always worth knowing.
  lines.push_back({"at", match_->from_ns ? expected_time() : "", offset_text(actual.at_ns), time_off(actual) == 0});
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const config::TestValue& value = match_->values[i];
    lines.push_back({value.key, value.shown, value_text(value, actual), value_matches(i, actual)});
  }
  if (where_) {
    const bool holds = where_->matches(*actual.batch, actual.event());
    lines.push_back({"where", match_->where_expression, holds ? "true" : "not true", holds});
  }
  return lines;
}

std::vector<Compared> Matcher::expected_alone() const {
  std::vector<Compared> lines;
  if (match_->from_ns) lines.push_back({"at", expected_time(), "", false});
  for (const config::TestValue& value : match_->values) lines.push_back({value.key, value.shown, "", false});
  if (where_) lines.push_back({"where", match_->where_expression, "", false});
  return lines;
}

}  // namespace picket::rehearsal

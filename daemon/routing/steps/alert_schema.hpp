// SPDX-License-Identifier: Apache-2.0
//
// The settings that `threshold` and `forecast` share, as JSON Schema, and what joins them to a step's own. Internal to
// the two steps.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "routing/steps/step_settings.hpp"

namespace picket::routing {

// Members of "properties" that follow the step's own.
inline constexpr std::string_view kAlertProperties = R"json(,
    "by": {"type": "array", "maxItems": 16, "uniqueItems": true,
      "items": {"type": "string", "minLength": 1, "maxLength": 255},
      "description": "What tells groups apart: source, kind, severity, keys of fields. [] is one group of all events. Default: the series of a metric; source and kind of other events."},
    "for": {"type": "string", "format": "duration", "default": "0s", "maximum": "365d",
      "description": "How long the condition has to hold before the alert is raised."},
    "clear_for": {"type": "string", "format": "duration", "default": "0s", "maximum": "365d",
      "description": "How long the contrary has to hold before the alert is cleared."},
    "flapping": {"type": "object", "additionalProperties": false, "default": {},
      "description": "What keeps an alert that comes and goes from being told each time.",
      "properties": {
        "raises": {"type": "integer", "minimum": 0, "maximum": 100, "default": 0,
          "description": "So many raises within the time below are flapping: the alert then stays until its contrary has held for that time. 0: never."},
        "within": {"type": "string", "format": "duration", "default": "10m", "minimum": "1s", "maximum": "30d",
          "description": "The time in which raises are counted."}}},
    "severity": {"enum": ["trace", "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"],
      "default": "warning", "description": "Of the alert's events, the last one included."},
    "name": {"type": "string", "minLength": 1, "maxLength": 255,
      "description": "The alert's name, its field alert.rule. Default: the name of the route."},
    "still": {"type": "string", "format": "duration", "default": "0s", "maximum": "365d",
      "description": "Time between two reminders while the alert is raised. 0s: none."},
    "absent": {"type": "string", "format": "duration", "default": "0s", "maximum": "365d",
      "description": "A group from which nothing has come for this long raises the alert too. 0s: silence is no alarm."},
    "forget": {"type": "string", "format": "duration", "default": "1d", "minimum": "1m", "forever": true,
      "description": "A group from which nothing has come for this long is forgotten; its alert is cleared."},
    "emit": {"type": "array", "minItems": 1, "uniqueItems": true, "items": {"enum": ["raised", "still", "cleared"]},
      "default": ["raised", "still", "cleared"], "description": "Which of the alert's events go on."},
    "max_groups": {"type": "integer", "minimum": 1, "maximum": 10000000, "default": 100000,
      "description": "How many groups may be remembered; events of further ones are counted and not judged."},
    "pass": {"type": "boolean", "default": false, "description": "Whether the events that were judged go on as well."}}})json";

// Texts joined at compile time, zero-terminated.
template <const std::string_view&... Parts>
struct Joined {
  static constexpr auto make() {
    std::array<char, (Parts.size() + ... + 1)> text{};
    std::size_t at = 0;
    const auto append = [&](std::string_view part) {
      for (const char c : part) text[at++] = c;
    };
    (append(Parts), ...);
    return text;
  }
  static constexpr auto kText = make();
};

// The problems of the settings above.
inline void check_alert_settings(const nlohmann::json& settings, SettingsCheck& check) {
  check.by();
  check.message("message");
  const std::int64_t absent = settings.at("absent");
  const std::int64_t forget = settings.at("forget");
  const std::int64_t wait = settings.at("for");
  if (absent > 0 && absent < 1'000'000'000) check.add("/absent", "less than a second is no silence; 0s turns it off");
  const std::int64_t still = settings.at("still");
  if (still > 0 && still < 1'000'000'000) check.add("/still", "at least 1s; 0s turns reminders off");
  if (forget >= 0 && forget <= absent) check.add("/forget", "has to be longer than `absent`");
  if (forget >= 0 && forget <= wait) check.add("/forget", "has to be longer than `for`");
}

}  // namespace picket::routing

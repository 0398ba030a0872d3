// SPDX-License-Identifier: Apache-2.0
//
// `throttle`: at most so many events of one key in a period.
#include <nlohmann/json.hpp>

#include "routing/steps/key_windows.hpp"
#include "routing/steps/step_catalogue.hpp"

namespace picket::routing {
namespace {

constexpr const char* kThrottleSchema = R"json({
  "type": "object",
  "description": "Lets at most so many events of one key pass in a period, which begins with the first of them. What was held back is told in one event of the kind `throttled` when the period ends.",
  "required": ["events", "per"],
  "properties": {
    "events": {"type": "integer", "minimum": 1, "maximum": 1000000000, "description": "How many pass in one period."},
    "per": {"type": "string", "format": "duration", "minimum": "10ms", "maximum": "7d", "description": "The period."},
    "by": {"type": "array", "maxItems": 16, "default": [], "items": {"type": "string", "maxLength": 65536},
           "description": "Expressions whose values tell keys apart, like [source, name]; without, all events are one."},
    "max_keys": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 10000,
                 "description": "Keys remembered at a time; beyond, the oldest period ends early."},
    "report": {"type": "boolean", "default": true, "description": "Whether to tell how many were held back."}
  }
})json";

std::unique_ptr<Step> make_throttle(const nlohmann::json& settings, const StepContext& context) {
  KeyWindows::Settings windows;
  windows.allowed = settings["events"];
  windows.length_ns = settings["per"];
  windows.max_keys = settings.value("max_keys", std::size_t{10'000});
  windows.report = settings.value("report", true);
  windows.kind = "throttled";
  windows.field = "suppressed";
  windows.words = " events were held back";
  return std::make_unique<KeyWindows>(windows, EventKey(settings.value("by", nlohmann::json::array()), context.names),
                                      context);
}

std::vector<StepProblem> check_throttle(const nlohmann::json& settings, Names& names) {
  std::vector<StepProblem> problems;
  check_expressions(settings.value("by", nlohmann::json::array()), "/by", names, problems);
  return problems;
}

}  // namespace

const StepType kThrottleStep = {"throttle", "Let at most so many events of one key pass in a period", kThrottleSchema,
                                make_throttle, check_throttle};

}  // namespace picket::routing

// SPDX-License-Identifier: Apache-2.0
//
// `dedupe`: of events that are alike, the first within a time.
#include <nlohmann/json.hpp>

#include "routing/steps/key_windows.hpp"
#include "routing/steps/step_catalogue.hpp"

namespace picket::routing {
namespace {

constexpr const char* kDedupeSchema = R"json({
  "type": "object",
  "description": "Of events that are alike, lets the first within a time pass. How often it came again is told in one event of the kind `repeated` when the time is over.",
  "required": ["by", "for"],
  "properties": {
    "by": {"type": "array", "examples": [["source", "message"]], "minItems": 1, "maxItems": 16, "items": {"type": "string", "maxLength": 65536},
           "description": "Expressions; events are alike when all their values are, like [source, message]."},
    "for": {"type": "string", "format": "duration", "minimum": "10ms", "maximum": "7d",
            "description": "How long, from the first event on, the others are left out."},
    "max_keys": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 10000,
                 "description": "Keys remembered at a time; beyond, the oldest is forgotten early."},
    "report": {"type": "boolean", "default": true, "description": "Whether to tell how often events came again."}
  }
})json";

std::unique_ptr<Step> make_dedupe(const nlohmann::json& settings, const StepContext& context) {
  KeyWindows::Settings windows;
  windows.allowed = 1;
  windows.length_ns = settings["for"];
  windows.max_keys = settings.value("max_keys", std::size_t{10'000});
  windows.report = settings.value("report", true);
  windows.kind = "repeated";
  windows.field = "repeats";
  windows.words = " repeats were left out";
  return std::make_unique<KeyWindows>(windows, EventKey(settings["by"], context.names), context);
}

std::vector<StepProblem> check_dedupe(const nlohmann::json& settings, Names& names) {
  std::vector<StepProblem> problems;
  check_expressions(settings["by"], "/by", names, problems);
  return problems;
}

}  // namespace

const StepType kDedupeStep = {"dedupe", "Of events that are alike, let the first within a time pass", kDedupeSchema,
                              make_dedupe, check_dedupe};

}  // namespace picket::routing

// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/step_catalogue.hpp"

#include <algorithm>
#include <array>

namespace picket::routing {
namespace {

// In order of name: the order in which people see them.
constexpr std::array kTypes = {
    &kAggregateStep,  //
    &kDedupeStep,     //
    &kEnrichStep,     //
    &kForecastStep,   //
    &kParseStep,      //
    &kRateStep,       //
    &kRenameStep,     //
    &kSampleStep,     //
    &kSetStep,        //
    &kThresholdStep,  //
    &kThrottleStep,   //
    &kUnsetStep,
};

}  // namespace

std::span<const StepType* const> step_types() {
  return kTypes;
}

const StepType* find_step_type(std::string_view name) {
  const auto found =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const StepType* type) { return type->name == name; });
  return found == kTypes.end() ? nullptr : *found;
}

}  // namespace picket::routing

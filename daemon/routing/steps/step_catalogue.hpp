// SPDX-License-Identifier: Apache-2.0
//
// Every type of step there is: what the loader checks settings by, and what the pipeline makes steps with. Any thread.
#pragma once

#include <span>
#include <string_view>

#include "routing/steps/step.hpp"

namespace picket::routing {

// In order of name.
std::span<const StepType* const> step_types();

// Null when there is none of that name.
const StepType* find_step_type(std::string_view name);

// --- one for each file of a step ------------------------------------------------------------------------------------
extern const StepType kAggregateStep;
extern const StepType kDedupeStep;
extern const StepType kEnrichStep;
extern const StepType kForecastStep;
extern const StepType kParseStep;
extern const StepType kRateStep;
extern const StepType kRenameStep;
extern const StepType kSampleStep;
extern const StepType kSetStep;
extern const StepType kThresholdStep;
extern const StepType kThrottleStep;
extern const StepType kUnsetStep;

}  // namespace picket::routing

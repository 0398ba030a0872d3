// SPDX-License-Identifier: Apache-2.0
//
// From settings to what picket.process/1 starts. Reads environment files; [control].
#pragma once

#include <string>

#include <picket/plugin.hpp>
#include <picket/result.hpp>

#include "settings.hpp"

namespace picket::process_supervisor {

// The specification of a program's own process. `blob` is left to the caller. An error names file, line and reason.
Result<ProgramSpec> make_spec(const ProgramSettings& program);

// The same surroundings (user, directory, environment) for another command of that program: a check, a drain. Its
// output is captured, for the reason of a failure.
Result<ProgramSpec> make_helper_spec(const ProgramSettings& program, const std::vector<std::string>& command,
                                     const std::string& key);

ProcessTuning tuning_of(const Priority& priority);
ProgramLimits limits_of(const Limits& limits);

// 16 hexadecimal digits that differ when a restart is needed: everything of `launch` but limits of the tree and
// priority, which change in place.
std::string fingerprint(const Launch& launch);

}  // namespace picket::process_supervisor

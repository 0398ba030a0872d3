// SPDX-License-Identifier: Apache-2.0
//
// One entry of `programs`, and what `programs` and `watch` have in common. Used by settings.cpp only.
#pragma once

#include "setting_values.hpp"
#include "settings.hpp"

namespace picket::process_supervisor {

// nice, io_class, io_level, affinity, oom_score.
Priority priority_of(const SettingValues& values);

// The entry as it is written: name and number are not set, after and requires are not resolved, {instance} and
// {program} not replaced. Throws std::invalid_argument for what cannot work: "stop_signal: there is no ...".
ProgramSettings program_of(const SettingValues& values);
// How many instances; 0: one without a number.
std::uint32_t count_of(const SettingValues& values);

// Its `number`-th instance (0: the only one) under its own name.
ProgramSettings instance_of(const ProgramSettings& written, const std::string& base, std::uint32_t number);

}  // namespace picket::process_supervisor

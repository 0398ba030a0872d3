// SPDX-License-Identifier: Apache-2.0
//
// JSON into the settings of the group `processes`. Called by settings.cpp; pure; [control].
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "processes.hpp"

namespace picket::perf_collector {

inline constexpr std::int64_t kLeastProcessBudget = 10;
inline constexpr std::int64_t kMostProcessBudget = 1'000'000;

// Throws std::invalid_argument with the place of the mistake, which starts with `where`.
ProcessesSettings parse_processes(const nlohmann::json& group, const std::string& where);

}  // namespace picket::perf_collector

// SPDX-License-Identifier: Apache-2.0
//
// JSON into the settings of the groups `files` and `cgroups`. Called by settings.cpp; pure; [control].
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cgroups.hpp"
#include "files.hpp"

namespace picket::perf_collector {

// Both throw std::invalid_argument with the place of the mistake, which starts with `where`. A number of a file is read
// every `interval_ns` if it does not say otherwise.
FilesSettings parse_files(const nlohmann::json& list, const std::string& where, std::int64_t interval_ns);
CgroupsSettings parse_cgroups(const nlohmann::json& group, const std::string& where);

}  // namespace picket::perf_collector

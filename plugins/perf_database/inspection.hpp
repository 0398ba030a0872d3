// SPDX-License-Identifier: Apache-2.0
//
// The commands `info`, `verify` and `repair`: what they find, as the JSON that README.md describes. They work on a
// directory, whether an instance runs on it or not. Each on its caller's thread; throws picket::Failure.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace picket::perf_database {

// Hooks into a long command.
struct InspectionHooks {
  std::function<void(int percent)> progress;
  std::function<bool()> cancelled;
};

// Sizes and times, without reading what is in the files.
std::string info_json(const std::filesystem::path& directory);

// `args_json`: {"deep": bool}
std::string verify_json(const std::filesystem::path& directory, const std::string& args_json,
                        const InspectionHooks& hooks);

// `args_json`: {"delete": bool}
std::string repair_json(const std::filesystem::path& directory, std::int64_t now_ns, const std::string& args_json,
                        const InspectionHooks& hooks);

}  // namespace picket::perf_database

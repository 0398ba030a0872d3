// SPDX-License-Identifier: Apache-2.0
//
// The file in the state directory that says which configuration is in force, so that `picket plan` can compare with it
// without asking the daemon. It holds what `picket validate --print --json` shows, without `tests`: no secret is in it.
// It stays when the daemon ends. Any thread, one at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "picket/result.hpp"

namespace picket::service {

// In the state directory; readable by its owner only.
inline constexpr const char* kRunningFile = "running.json";

struct RunningConfiguration {
  std::uint64_t generation = 0;
  std::string hash;
  std::int64_t since_ns = 0;           // UTC, when it was put in force
  std::vector<std::string> overruled;  // settings of `daemon` that the command line gave: "log.level"
  std::string configuration;           // JSON text, as config::print_running()
};

// Durable, and whole whatever happens meanwhile.
Result<void> write_running(const std::filesystem::path& file, const RunningConfiguration& running);

// NOT_FOUND when there is none; any other error says what is wrong with it.
Result<RunningConfiguration> read_running(const std::filesystem::path& file);

}  // namespace picket::service

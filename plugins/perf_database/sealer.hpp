// SPDX-License-Identifier: Apache-2.0
//
// Turns the hot files of one hour into per-series chunks of its week's raw partition and into hour rows. Runs on the
// sealer's thread, on connections of its own.
//
// Every step can be repeated: a crash at any point leaves the hot files, and sealing them again gives the same result.
#pragma once

#include <functional>
#include <string_view>

#include "files.hpp"
#include "meta_store.hpp"

namespace picket::perf_database {

// Called between the durable steps, with the name of the one just done. Tests throw from it.
using StepHook = std::function<void(std::string_view step)>;

struct SealResult {
  std::uint64_t samples = 0;
  std::uint64_t chunks = 0;                    // series in this hour
  std::vector<std::filesystem::path> damaged;  // hot files that were only partly readable, set aside
};

// REQUIRES: nobody writes to `parts`, which are all of the hour `hour_ns`.
// Throws SqlError, DamageError and VersionError, whose file is the one to set aside if it is damaged.
SealResult seal_hour(const std::filesystem::path& directory, std::int64_t hour_ns, const std::vector<HotPart>& parts,
                     MetaStore& meta, const StepHook& step);

}  // namespace picket::perf_database

// SPDX-License-Identifier: Apache-2.0
//
// Makes the minute tier: the raw chunks of one UTC day become one chunk of one-minute buckets per series. Runs on the
// sealer's thread, on connections of its own.
//
// Making a day again gives the same result: an hour whose raw samples are kept is worked out from them, and one whose
// raw samples are gone keeps the buckets it has.
#pragma once

#include "files.hpp"
#include "sealer.hpp"

namespace picket::perf_database {

// Raw samples before `raw_from_ns` are not looked at: what is there of them came after the rest was dropped.
// Returns how many series had raw samples on that day. Throws SqlError, DamageError and VersionError, whose file is the
// one to set aside if it is damaged.
std::size_t make_minutes(const std::filesystem::path& directory, std::int64_t day_ns, std::int64_t raw_from_ns,
                         const StepHook& step);

}  // namespace picket::perf_database

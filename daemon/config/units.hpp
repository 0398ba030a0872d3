// SPDX-License-Identifier: Apache-2.0
//
// Durations and sizes as people write them. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "picket/result.hpp"

namespace picket::config {

// `5s`, `1h30m`, `1.5h`, `250ms` -> nanoseconds. Units: ns us ms s m (minute) h d (24 h) w (7 d) y (365 d), each at
// most once and from large to small; `0` needs none. Fails on a sign, an unknown unit, no unit, more than nine decimals
// and more than 292 years (int64).
Result<std::int64_t> parse_duration(std::string_view text);

// `64MiB`, `500kB`, `1.5GiB`, `1024`, `1024B` -> bytes. KiB MiB GiB TiB are powers of 1024; kB MB GB TB of 1000. A
// number alone is bytes. Fails past int64.
Result<std::int64_t> parse_bytes(std::string_view text);

// The shortest exact text that the parsers read back to the same number. REQUIRES: not negative.
std::string format_duration(std::int64_t nanoseconds);
std::string format_bytes(std::int64_t bytes);

}  // namespace picket::config

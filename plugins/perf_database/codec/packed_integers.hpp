// SPDX-License-Identifier: Apache-2.0
//
// A run of 64-bit integers as small as several transformations and two compressors can make it: offset and scale, a
// palette, differences of order 0, 1 or 2, then tokens (token_coder.hpp) or zstd. What values and timestamps of the
// present format end in; integer_stream.hpp is the one before. FORMAT.md describes the bytes. Any thread.
#pragma once

#include <span>
#include <vector>

#include "compressor.hpp"

namespace picket::perf_database {

// How the differences were written; the number is part of the format.
enum class Packing : std::uint8_t {
  varints = 0,  // zstd of varints: finds what repeats
  tokens = 1,   // entropy-coded, by context: nearest to what the numbers' frequencies allow
  same = 2,     // they are all one number
};

// Appends the smallest form found. REQUIRES: !values.empty()
void pack_integers(std::span<const std::int64_t> values, Compressor& compressor, Bytes& out);

// Reads exactly `count` integers from all that is left of `in`; false when it is damaged. REQUIRES: count >= 1
bool unpack_integers(ByteReader in, std::size_t count, Compressor& compressor, std::vector<std::int64_t>& out);

}  // namespace picket::perf_database

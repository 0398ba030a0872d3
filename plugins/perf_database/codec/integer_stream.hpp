// SPDX-License-Identifier: Apache-2.0
//
// A run of 64-bit integers as offset + scale * k, with k as differences of the order that packs best, zigzag, varint,
// zstd. What columns of the first version of the format end in; packed_integers.hpp writes the present ones.
#pragma once

#include <span>
#include <vector>

#include "compressor.hpp"

namespace picket::perf_database {

// Reads exactly `count` integers from all that is left of `in`; false when it is damaged. REQUIRES: count >= 1
bool decode_integers(ByteReader in, std::size_t count, Compressor& compressor, std::vector<std::int64_t>& out);

}  // namespace picket::perf_database

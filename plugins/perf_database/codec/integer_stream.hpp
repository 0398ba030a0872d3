// SPDX-License-Identifier: Apache-2.0
//
// A run of 64-bit integers as offset + scale * k, with k as differences of the order that packs best, zigzag, varint,
// zstd. What both column codecs end in.
#pragma once

#include <span>
#include <vector>

#include "compressor.hpp"

namespace picket::perf_database {

// Appends. REQUIRES: !values.empty()
void encode_integers(std::span<const std::int64_t> values, Compressor& compressor, Bytes& out);

// Reads exactly `count` integers from all that is left of `in`; false when it is damaged. REQUIRES: count >= 1
bool decode_integers(ByteReader in, std::size_t count, Compressor& compressor, std::vector<std::int64_t>& out);

}  // namespace picket::perf_database

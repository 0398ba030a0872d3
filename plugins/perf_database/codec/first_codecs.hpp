// SPDX-License-Identifier: Apache-2.0
//
// Decoders of value blocks that the first version of the format wrote and the present one no longer does; directories
// are kept for years, so these stay. FORMAT.md describes the bytes. Used by column_codec, on any thread.
#pragma once

#include <span>

#include "compressor.hpp"

namespace picket::perf_database {

// Each reads the body of a block from all of `in` into `values`; false when it is damaged. REQUIRES: !values.empty()

// Codec 1: integers over a power of ten.
bool unpack_decimals(ByteReader in, Compressor& compressor, std::span<double> values);

// Codec 3: indices into at most 256 distinct doubles.
bool unpack_palette(ByteReader in, Compressor& compressor, std::span<double> values);

}  // namespace picket::perf_database

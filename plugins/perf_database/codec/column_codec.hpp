// SPDX-License-Identifier: Apache-2.0
//
// Columns of one hour: the values of one series, and the timestamps that series share. Lossless for every bit pattern.
// FORMAT.md describes the bytes. The sealer encodes; readers and the sealer decode. One Compressor per thread.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "compressor.hpp"

namespace picket::perf_database {

// A column never has more entries, so that a decoder can bound what it allocates before it trusts a byte. A series with
// more samples in one hour gets several parts.
inline constexpr std::size_t kMaxColumn = 65'536;

// How a value column is packed; the first byte of the block. Numbers are never reused.
enum class ValueCodec : std::uint8_t {
  constant = 0,  // one value
  decimal = 1,   // read only: integers over a power of ten, as differences
  planes = 2,    // the doubles' bytes, transposed
  palette = 3,   // read only: indices into at most 256 distinct doubles
  packed = 4,    // a map to integers (number_map.hpp), packed (packed_integers.hpp)
  whole = 5,     // one value that is an integer: most series of a host never change, so their blocks' size shows
};

// REQUIRES: 1 <= values.size() <= kMaxColumn
Bytes encode_values(std::span<const double> values, Compressor& compressor);

// Nothing when the block is damaged. Never allocates more than a full column.
std::optional<std::vector<double>> decode_values(ByteView block, Compressor& compressor);

// REQUIRES: 1 <= times.size() <= kMaxColumn. Any order, any values; regular ascending ones pack best.
Bytes encode_times(std::span<const std::int64_t> times, Compressor& compressor);

std::optional<std::vector<std::int64_t>> decode_times(ByteView block, Compressor& compressor);

}  // namespace picket::perf_database

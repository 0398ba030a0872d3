// SPDX-License-Identifier: Apache-2.0
//
// From the doubles of a column to integers that pack well, and back to the last bit. Most series are decimals or ratios
// with a common denominator; the few samples that are not (not-a-number, negative zero) are kept beside the integers.
// FORMAT.md describes the bytes. Used by column_codec, on any thread.
#pragma once

#include <span>
#include <vector>

#include "bytes.hpp"

namespace picket::perf_database {

// How one integer stands for one double; the number is part of the format.
enum class NumberKind : std::uint8_t {
  bits = 0,      // the bit pattern, so turned that order is kept
  quotient = 1,  // integer / denominator, rounded to the nearest double as IEEE 754 does
};

// `length` samples from `begin` have these bits, whatever their integer says.
struct Exception {
  std::size_t begin = 0;
  std::size_t length = 0;
  std::uint64_t bits = 0;
};

struct NumberMap {
  NumberKind kind = NumberKind::bits;
  std::uint64_t denominator = 1;      // 1 to 2^53; of a quotient only
  std::vector<Exception> exceptions;  // ascending, apart from each other
};

// Chooses a map for the values and fills `integers`, one for each value. Always succeeds: bits suit everything.
NumberMap map_numbers(std::span<const double> values, std::vector<std::int64_t>& integers);

// The integers of the bit patterns, whatever else would fit.
NumberMap map_bits(std::span<const double> values, std::vector<std::int64_t>& integers);

// The other way. REQUIRES: values.size() == integers.size(), and exceptions within it (as read_map checks)
void unmap_numbers(const NumberMap& map, std::span<const std::int64_t> integers, std::span<double> values);

void write_map(const NumberMap& map, Bytes& out);

// Reads from the front of `in`; false when that is no map for `count` values.
bool read_map(ByteReader& in, std::size_t count, NumberMap& map);

}  // namespace picket::perf_database

// SPDX-License-Identifier: Apache-2.0
//
// One chunk of the minute tier: the buckets of one series on one day, column by column. FORMAT.md describes the bytes.
// Any thread; one Compressor per thread.
#pragma once

#include <optional>
#include <vector>

#include "codec/column_codec.hpp"
#include "records.hpp"

namespace picket::perf_database {

// Entry i of each column belongs to one bucket; their times are stored apart (TimeColumns). Sums are kept instead of
// means: those of whole and of decimal numbers are such numbers themselves, and pack far better.
struct MinuteColumns {
  std::vector<double> count, minimum, maximum, sum, last;

  std::size_t size() const { return count.size(); }
  Aggregate at(std::size_t i) const {
    return {static_cast<std::uint64_t>(count[i]), minimum[i], maximum[i], sum[i], last[i]};
  }
  void push_back(const Aggregate& bucket);
  // Entries `from` up to `from` + `size`.
  MinuteColumns slice(std::size_t from, std::size_t size) const;
  void append(const MinuteColumns& others);
};

// How far a stored sum, and with it a mean, may be from the exact one, as a share of it: 1.2e-10. All else is exact.
inline constexpr double kSumError = 0x1p-33;

// REQUIRES: 1 <= columns.size() <= kMaxColumn, no bucket without samples
Bytes encode_minutes(const MinuteColumns& columns, Compressor& compressor);

// Nothing when the block is damaged, or its columns are not of one length.
std::optional<MinuteColumns> decode_minutes(ByteView block, Compressor& compressor);

}  // namespace picket::perf_database

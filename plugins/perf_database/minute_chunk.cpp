// SPDX-License-Identifier: Apache-2.0
//
// A column that equals an earlier one is stored as its number: the maximum of a counter is its last value, and of a
// constant everything is the same.
#include "minute_chunk.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "codec/crc32c.hpp"

namespace picket::perf_database {
namespace {

constexpr std::uint8_t kMinutesTag = 0x60;  // the first byte of a minute chunk
constexpr std::size_t kColumns = 5;
constexpr std::uint8_t kOwn = 0xFF;  // a column of its own; else the number of the one that it equals

using Column = std::vector<double> MinuteColumns::*;
// In the order of storing: what others are likely to equal comes first.
constexpr std::array<Column, kColumns> kOrder = {&MinuteColumns::count, &MinuteColumns::last, &MinuteColumns::minimum,
                                                 &MinuteColumns::maximum, &MinuteColumns::sum};

bool same_column(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
    return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
  });
}

bool is_count(double value) {
  return value >= 1 && value <= 9007199254740992.0 && value == std::floor(value);
}

}  // namespace

void MinuteColumns::push_back(const Aggregate& bucket) {
  count.push_back(static_cast<double>(bucket.count));
  minimum.push_back(bucket.minimum);
  maximum.push_back(bucket.maximum);
  sum.push_back(bucket.sum);
  last.push_back(bucket.last);
}

void MinuteColumns::clear() {
  for (const Column column : kOrder) (this->*column).clear();
}

Bytes encode_minutes(const MinuteColumns& columns, Compressor& compressor) {
  Bytes out;
  out.push_back(kMinutesTag);
  for (std::size_t i = 0; i < kColumns; ++i) {
    const std::vector<double>& column = columns.*kOrder[i];
    std::uint8_t equals = kOwn;
    for (std::size_t other = 0; other < i && equals == kOwn; ++other) {
      if (same_column(columns.*kOrder[other], column)) equals = static_cast<std::uint8_t>(other);
    }
    out.push_back(equals);
    if (equals != kOwn) continue;
    const Bytes block = encode_values(column, compressor);
    put_varint(out, block.size());
    out.insert(out.end(), block.begin(), block.end());
  }
  seal_with_crc(out);
  return out;
}

std::optional<MinuteColumns> decode_minutes(ByteView block, Compressor& compressor) {
  ByteView rest = check_crc(block);
  if (rest.empty() || rest.front() != kMinutesTag) return std::nullopt;
  rest = rest.subspan(1);
  MinuteColumns columns;
  for (std::size_t i = 0; i < kColumns; ++i) {
    ByteReader in(rest);
    const std::uint8_t equals = in.byte();
    const std::uint64_t size = equals == kOwn ? in.varint() : 0;
    if (!in.ok() || size > in.rest().size() || (equals != kOwn && equals >= i)) return std::nullopt;
    if (equals == kOwn) {
      auto values = decode_values(in.rest().first(size), compressor);
      if (!values) return std::nullopt;
      columns.*kOrder[i] = std::move(*values);
    } else {
      columns.*kOrder[i] = columns.*kOrder[equals];
    }
    rest = in.rest().subspan(size);
  }
  if (!rest.empty() || !std::all_of(columns.count.begin(), columns.count.end(), is_count)) return std::nullopt;
  for (const Column column : kOrder) {
    if ((columns.*column).size() != columns.size()) return std::nullopt;
  }
  return columns;
}

}  // namespace picket::perf_database

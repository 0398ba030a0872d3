// SPDX-License-Identifier: Apache-2.0
//
// A column that equals an earlier one is stored as its number: the maximum of a counter is its last value, and of a
// constant everything is the same. Sums of measured numbers fill a mantissa that nobody measured: they are shortened.
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

// Adding up decimals leaves a rounding error that the eye takes for noise and a compressor for information. Where every
// sum of a chunk has a decimal of so few places next to it, that is what is meant.
bool to_decimals(std::vector<double>& sums) {
  constexpr double kMaxWhole = 9007199254740992.0;  // 2^53
  for (const double power : {1e0, 1e1, 1e2, 1e3, 1e4}) {
    const auto decimal = [power](double sum) { return std::nearbyint(sum * power) / power; };
    const bool close = std::all_of(sums.begin(), sums.end(), [&](double sum) {
      return std::fabs(sum * power) < kMaxWhole && std::fabs(decimal(sum) - sum) <= std::fabs(sum) * (kSumError / 2);
    });
    if (!close) continue;
    // Negative zero is left as it is: it equals the decimal.
    for (double& sum : sums) sum = sum == decimal(sum) ? sum : decimal(sum);
    return true;
  }
  return false;
}

// The 32 highest bits of the mantissa, rounded to the nearest.
double shorten(double sum) {
  constexpr std::uint64_t kDropped = (std::uint64_t{1} << 20U) - 1;
  const double rounded = std::bit_cast<double>((std::bit_cast<std::uint64_t>(sum) + kDropped / 2 + 1) & ~kDropped);
  return std::isnormal(sum) && std::isfinite(rounded) ? rounded : sum;
}

std::vector<double> packable(std::vector<double> sums) {
  if (!to_decimals(sums)) std::transform(sums.begin(), sums.end(), sums.begin(), shorten);
  return sums;
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

MinuteColumns MinuteColumns::slice(std::size_t from, std::size_t size) const {
  MinuteColumns out;
  for (const Column column : kOrder) {
    const auto begin = (this->*column).begin() + static_cast<std::ptrdiff_t>(from);
    (out.*column).assign(begin, begin + static_cast<std::ptrdiff_t>(size));
  }
  return out;
}

void MinuteColumns::append(const MinuteColumns& others) {
  for (const Column column : kOrder) {
    (this->*column).insert((this->*column).end(), (others.*column).begin(), (others.*column).end());
  }
}

Bytes encode_minutes(const MinuteColumns& columns, Compressor& compressor) {
  Bytes out;
  out.push_back(kMinutesTag);
  const std::vector<double> sums = packable(columns.sum);
  for (std::size_t i = 0; i < kColumns; ++i) {
    const std::vector<double>& column = kOrder[i] == &MinuteColumns::sum ? sums : columns.*kOrder[i];
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

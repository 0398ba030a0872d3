// SPDX-License-Identifier: Apache-2.0
#include "minute_chunk.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "codec/crc32c.hpp"

namespace picket::perf_database {
namespace {

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
    return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
  });
}

void expect_round_trip(const MinuteColumns& columns) {
  Compressor compressor;
  const auto back = decode_minutes(encode_minutes(columns, compressor), compressor);
  ASSERT_TRUE(back.has_value());
  EXPECT_TRUE(same_bits(back->count, columns.count));
  EXPECT_TRUE(same_bits(back->minimum, columns.minimum));
  EXPECT_TRUE(same_bits(back->maximum, columns.maximum));
  ASSERT_EQ(back->sum.size(), columns.sum.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const double sum = columns.sum[i];
    if (std::isfinite(sum)) {
      EXPECT_LE(std::fabs(back->sum[i] - sum), std::fabs(sum) * kSumError) << i;
    } else {
      EXPECT_EQ(std::bit_cast<std::uint64_t>(back->sum[i]), std::bit_cast<std::uint64_t>(sum)) << i;
    }
  }
  EXPECT_TRUE(same_bits(back->last, columns.last));
}

MinuteColumns day_of(std::size_t buckets, const std::function<double()>& next) {
  MinuteColumns columns;
  for (std::size_t i = 0; i < buckets; ++i) {
    Aggregate bucket;
    for (int s = 0; s < 60; ++s) bucket.add(next());
    columns.push_back(bucket);
  }
  return columns;
}

TEST(MinuteChunk, columns_come_back_bit_for_bit) {
  std::mt19937_64 random(3);
  double counter = 0;
  expect_round_trip(day_of(1'440, [] { return 42.0; }));
  expect_round_trip(day_of(1'440, [&] { return counter += static_cast<double>(random() % 1'000); }));
  expect_round_trip(day_of(1, [&] { return static_cast<double>(random() % 100) / 7; }));
  expect_round_trip(day_of(700, [&] { return std::sqrt(static_cast<double>(random() % 100'000)); }));
}

TEST(MinuteChunk, sums_of_whole_and_of_decimal_numbers_are_exact) {
  Compressor compressor;
  std::mt19937_64 random(11);
  const MinuteColumns whole = day_of(100, [&] { return static_cast<double>(random() % 1'000'000) * 4'096; });
  EXPECT_EQ(decode_minutes(encode_minutes(whole, compressor), compressor)->sum, whole.sum);
  MinuteColumns tenths;
  for (int i = 0; i < 100; ++i) {
    Aggregate bucket;
    for (int s = 0; s < 10; ++s) bucket.add(0.1);
    tenths.push_back(bucket);
  }
  ASSERT_NE(tenths.sum[0], 1.0) << "as doubles add up";
  EXPECT_EQ(decode_minutes(encode_minutes(tenths, compressor), compressor)->sum[0], 1.0);
}

TEST(MinuteChunk, odd_values_come_back_too) {
  const double inf = std::numeric_limits<double>::infinity();
  MinuteColumns columns;
  columns.push_back({1, -0.0, 0.0, -0.0, 5e-324});
  columns.push_back({9007199254740992ULL, -inf, inf, std::nan("1"), -1e308});
  expect_round_trip(columns);
}

TEST(MinuteChunk, equal_columns_are_stored_once) {
  Compressor compressor;
  std::mt19937_64 random(9);
  double counter = 0;
  const MinuteColumns columns = day_of(1'440, [&] { return counter += static_cast<double>(random() % 1'000); });
  EXPECT_TRUE(same_bits(columns.maximum, columns.last));
  MinuteColumns other = columns;
  other.maximum.back() += 1;
  EXPECT_LT(encode_minutes(columns, compressor).size() + 1'000, encode_minutes(other, compressor).size());
  EXPECT_LT(encode_minutes(day_of(1'440, [] { return 1.0; }), compressor).size(), 100U);
}

TEST(MinuteChunk, every_cut_and_every_flipped_bit_is_noticed) {
  Compressor compressor;
  std::mt19937_64 random(5);
  const Bytes block = encode_minutes(day_of(20, [&] { return static_cast<double>(random() % 1'000); }), compressor);
  for (std::size_t size = 0; size < block.size(); ++size) {
    EXPECT_FALSE(decode_minutes(ByteView(block).first(size), compressor).has_value()) << size;
  }
  for (std::size_t bit = 0; bit < block.size() * 8; ++bit) {
    Bytes bad = block;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_FALSE(decode_minutes(bad, compressor).has_value()) << bit;
  }
}

// Blocks whose checksum is right, as somebody who means harm would make them.
TEST(MinuteChunk, columns_that_do_not_fit_together_are_refused) {
  Compressor compressor;
  const auto column = [&](const std::vector<double>& values) {
    Bytes out = {0xFF};
    const Bytes block = encode_values(values, compressor);
    put_varint(out, block.size());
    out.insert(out.end(), block.begin(), block.end());
    return out;
  };
  const auto sealed = [](std::initializer_list<Bytes> parts) {
    Bytes out = {0x60};
    for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
    seal_with_crc(out);
    return out;
  };
  const Bytes count = column({1, 2});
  const Bytes same = {0};
  EXPECT_TRUE(decode_minutes(sealed({count, same, same, same, same}), compressor).has_value());
  EXPECT_FALSE(decode_minutes(sealed({column({1, 2, 3}), column({1, 2}), same, same, same}), compressor).has_value());
  EXPECT_FALSE(decode_minutes(sealed({column({0, 2}), same, same, same, same}), compressor).has_value()) << "empty";
  EXPECT_FALSE(decode_minutes(sealed({column({1.5, 2}), same, same, same, same}), compressor).has_value());
  EXPECT_FALSE(decode_minutes(sealed({column({1e300, 2}), same, same, same, same}), compressor).has_value());
  EXPECT_FALSE(decode_minutes(sealed({count, same, same, same}), compressor).has_value()) << "one is missing";
  EXPECT_FALSE(decode_minutes(sealed({count, same, same, same, same, same}), compressor).has_value());
  EXPECT_FALSE(decode_minutes(sealed({same, count, same, same, same}), compressor).has_value()) << "of none before it";
  EXPECT_FALSE(decode_minutes(sealed({count, Bytes{0xFF, 0x7F}, same, same, same}), compressor).has_value());
}

}  // namespace
}  // namespace picket::perf_database

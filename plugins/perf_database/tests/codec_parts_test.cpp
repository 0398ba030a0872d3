// SPDX-License-Identifier: Apache-2.0
//
// The parts of the value codec, each by itself: bits, tables of frequencies, tokens, maps to integers, packed integers.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "codec/frequency_table.hpp"
#include "codec/number_map.hpp"
#include "codec/packed_integers.hpp"
#include "codec/palette.hpp"
#include "codec/token_coder.hpp"

namespace picket::perf_database {
namespace {

const double kNotANumber = std::numeric_limits<double>::quiet_NaN();

TEST(Bits, numbers_of_every_width_come_back) {
  std::mt19937_64 random(1);
  std::vector<std::pair<std::uint64_t, unsigned>> numbers;
  Bytes out;
  BitWriter writer(out);
  for (int i = 0; i < 2'000; ++i) {
    const auto width = static_cast<unsigned>(random() % 65);
    const std::uint64_t value = width == 0 ? 0 : random() >> (64 - width);
    numbers.emplace_back(value, width);
    writer.put(value, width);
    writer.put_gamma(value | 1U);
  }
  writer.flush();
  BitReader reader(out);
  for (const auto& [value, width] : numbers) {
    ASSERT_EQ(reader.get(width), value);
    ASSERT_EQ(reader.get_gamma(), value | 1U);
  }
  EXPECT_TRUE(reader.ok() && reader.padded_with_zeros());
  EXPECT_EQ(reader.bytes_read(), out.size());
}

TEST(Bits, reading_past_the_end_is_remembered_and_ends) {
  const Bytes zeros(3, 0);
  BitReader reader(zeros);
  EXPECT_EQ(reader.get(20), 0U);
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.get(5), 0U);
  EXPECT_FALSE(reader.ok());
  BitReader endless(zeros);
  EXPECT_EQ(endless.get_gamma(), 0U);
  EXPECT_FALSE(endless.ok());
}

TEST(Bits, ones_in_the_padding_are_noticed) {
  const Bytes bytes{0x13};
  BitReader reader(bytes);
  EXPECT_EQ(reader.get(4), 3U);
  EXPECT_FALSE(reader.padded_with_zeros());
  EXPECT_EQ(reader.get(1), 1U);
  EXPECT_TRUE(reader.padded_with_zeros());
}

std::vector<std::uint32_t> random_counts(std::mt19937_64& random) {
  std::vector<std::uint32_t> counts(kMaxSymbols);
  for (std::uint64_t i = random() % 200; i > 0; --i)
    counts[random() % counts.size()] = static_cast<std::uint32_t>(random() >> (32 + random() % 31));
  return counts;
}

TEST(FrequencyTable, shares_add_up_and_come_back) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 200; ++round) {
    const auto counts = random_counts(random);
    const FrequencyTable table = make_table(counts);
    Bytes out;
    BitWriter writer(out);
    write_table(table, writer);
    writer.flush();
    BitReader reader(out);
    const auto back = read_table(reader, kMaxSymbols);
    ASSERT_TRUE(back.has_value());
    ASSERT_EQ(back->log, table.log);
    ASSERT_EQ(back->used.size(), table.used.size());
    std::uint32_t start = 0;
    for (std::size_t i = 0; i < table.used.size(); ++i) {
      EXPECT_EQ(back->used[i].symbol, table.used[i].symbol);
      EXPECT_EQ(back->used[i].share, table.used[i].share);
      EXPECT_EQ(back->used[i].start, start);
      EXPECT_GE(table.used[i].share, 1U);
      start += table.used[i].share;
    }
    EXPECT_EQ(start, 1U << table.log);
  }
}

TEST(FrequencyTable, shares_that_do_not_add_up_and_symbols_that_are_not_there_are_refused) {
  std::mt19937_64 random(3);
  std::size_t refused = 0;
  for (int round = 0; round < 3'000; ++round) {
    Bytes noise(1 + random() % 40);
    for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(random());
    BitReader reader(noise);
    const auto table = read_table(reader, 60);
    refused += table ? 0 : 1;
    if (!table) continue;
    std::uint64_t sum = 0;
    for (const Frequency& entry : table->used) {
      EXPECT_LT(entry.symbol, 60U);
      EXPECT_EQ(entry.start, sum);
      sum += entry.share;
    }
    EXPECT_EQ(sum, std::uint64_t{1} << table->log);
  }
  EXPECT_GT(refused, 1'000U);
}

void expect_tokens(const std::vector<std::uint64_t>& values) {
  Bytes out;
  encode_tokens(values, out);
  std::vector<std::uint64_t> back(values.size());
  ASSERT_TRUE(decode_tokens(out, back));
  EXPECT_EQ(back, values);
}

TEST(Tokens, numbers_of_every_magnitude_come_back) {
  std::vector<std::uint64_t> values;
  for (unsigned shift = 0; shift < 64; ++shift) {
    for (const std::uint64_t delta : {~std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{1}})
      values.push_back((std::uint64_t{1} << shift) + delta);
  }
  expect_tokens(values);
  for (const std::uint64_t value : values) expect_tokens({value, value, 0});
}

TEST(Tokens, mixtures_come_back_and_take_about_what_was_estimated) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 60; ++round) {
    std::vector<std::uint64_t> values(1 + random() % 5'000);
    const auto width = static_cast<unsigned>(random() % 64);
    bool burst = false;
    for (std::uint64_t& value : values) {
      if (random() % 50 == 0) burst = !burst;
      value = burst ? random() >> width : random() % 3;
    }
    expect_tokens(values);
    Bytes out;
    encode_tokens(values, out);
    EXPECT_LE(static_cast<double>(out.size()) * 8, token_bits(values) * 1.1 + 200);
  }
}

TEST(Tokens, a_burst_makes_the_numbers_after_it_cheaper_to_tell) {
  std::mt19937_64 random(5);
  std::vector<std::uint64_t> values(4'000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = i / 200 % 2 == 0 ? random() % 2 : 1'000 + random() % 16;
  std::vector<std::uint64_t> shuffled = values;
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  Bytes in_bursts;
  Bytes mixed;
  encode_tokens(values, in_bursts);
  encode_tokens(shuffled, mixed);
  EXPECT_LT(static_cast<double>(in_bursts.size()), 0.85 * static_cast<double>(mixed.size()));
}

TEST(Tokens, every_truncation_and_every_surplus_byte_is_refused) {
  std::mt19937_64 random(6);
  std::vector<std::uint64_t> values(300);
  for (std::uint64_t& value : values) value = random() % 5'000;
  Bytes out;
  encode_tokens(values, out);
  for (std::size_t size = 0; size < out.size(); ++size)
    EXPECT_FALSE(decode_tokens(ByteView(out).first(size), values)) << size;
  out.push_back(0);
  EXPECT_FALSE(decode_tokens(out, values));
}

NumberMap expect_map(const std::vector<double>& values) {
  std::vector<std::int64_t> integers;
  NumberMap map = map_numbers(values, integers);
  Bytes out;
  write_map(map, out);
  ByteReader reader(out);
  NumberMap read;
  EXPECT_TRUE(read_map(reader, values.size(), read));
  EXPECT_TRUE(reader.rest().empty());
  std::vector<double> back(values.size());
  unmap_numbers(read, integers, back);
  for (std::size_t i = 0; i < values.size(); ++i)
    EXPECT_EQ(std::bit_cast<std::uint64_t>(back[i]), std::bit_cast<std::uint64_t>(values[i])) << i;
  return map;
}

TEST(NumberMap, finds_the_fewest_decimals) {
  EXPECT_EQ(expect_map({1, 2, 3}).denominator, 1U);
  EXPECT_EQ(expect_map({1, 2.5, 3}).denominator, 10U);
  EXPECT_EQ(expect_map({0.01, 1e6}).denominator, 100U);
  EXPECT_EQ(expect_map({1e18, -1e18, 4}).denominator, 1U) << "integers beyond 2^53 that are doubles";
}

TEST(NumberMap, finds_the_denominator_of_ratios) {
  std::vector<double> jiffies;
  std::vector<double> memory;
  for (int i = 0; i < 200; ++i) {
    jiffies.push_back(i % 31 / (99.0 + i % 3));
    memory.push_back((3'000'001.0 + i * 17) / 4'055'123.0);
  }
  EXPECT_EQ(expect_map(jiffies).denominator, 99U * 100U * 101U);
  EXPECT_EQ(expect_map(memory).denominator, 4'055'123U);
}

TEST(NumberMap, keeps_what_is_no_number_beside_the_others) {
  std::vector<double> values(100, 2.5);
  values[0] = -0.0;
  values[40] = kNotANumber;
  values[41] = kNotANumber;
  values[99] = -std::numeric_limits<double>::infinity();
  const NumberMap map = expect_map(values);
  EXPECT_EQ(map.kind, NumberKind::quotient);
  ASSERT_EQ(map.exceptions.size(), 3U);
  EXPECT_EQ(map.exceptions[1].begin, 40U);
  EXPECT_EQ(map.exceptions[1].length, 2U);
}

TEST(NumberMap, falls_back_to_bits_that_keep_the_order) {
  const std::vector<double> ascending = {
      -std::numeric_limits<double>::infinity(), -3.7e100, -std::sqrt(2.0), -0.0, 0.0, std::sqrt(3.0), 1e300};
  std::vector<std::int64_t> integers;
  EXPECT_EQ(map_numbers(ascending, integers).kind, NumberKind::bits);
  EXPECT_TRUE(std::is_sorted(integers.begin(), integers.end()));
  expect_map(ascending);
}

TEST(NumberMap, maps_that_lie_are_refused) {
  const auto refused = [](std::initializer_list<std::uint8_t> bytes) {
    const Bytes block(bytes);
    ByteReader reader(block);
    NumberMap map;
    return !read_map(reader, 10, map);
  };
  EXPECT_TRUE(refused({}));
  EXPECT_TRUE(refused({2})) << "no such kind";
  EXPECT_TRUE(refused({1, 0})) << "division by zero";
  EXPECT_TRUE(refused({1, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10})) << "a denominator above 2^53";
  EXPECT_TRUE(refused({0x80, 0})) << "exceptions, but none";
  EXPECT_TRUE(refused({0x80, 1, 8, 3, 0, 0, 0, 0, 0, 0, 0, 0})) << "a run past the end";
  EXPECT_TRUE(refused({0x80, 1, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0})) << "an empty run";
  EXPECT_TRUE(refused({0x80, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0})) << "runs that are not there";
  EXPECT_FALSE(refused({0x80, 1, 8, 2, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(Palette, tells_the_place_of_each_number_and_refuses_too_many) {
  const std::vector<std::int64_t> numbers = {70, -5, 70, INT64_MAX, INT64_MIN, -5};
  const auto palette = Palette::of(numbers, 4);
  ASSERT_TRUE(palette.has_value());
  EXPECT_EQ(std::vector<std::int64_t>(palette->entries().begin(), palette->entries().end()),
            (std::vector<std::int64_t>{INT64_MIN, -5, 70, INT64_MAX}));
  for (std::size_t i = 0; i < palette->entries().size(); ++i)
    EXPECT_EQ(palette->index(palette->entries()[i]), static_cast<std::int64_t>(i));
  EXPECT_FALSE(Palette::of(numbers, 3).has_value());
}

Bytes expect_packed(const std::vector<std::int64_t>& values) {
  Compressor compressor;
  Bytes out;
  pack_integers(values, compressor, out);
  std::vector<std::int64_t> back;
  EXPECT_TRUE(unpack_integers(ByteReader(out), values.size(), compressor, back));
  EXPECT_EQ(back, values);
  return out;
}

TEST(PackedIntegers, extremes_come_back) {
  expect_packed({0});
  expect_packed({INT64_MIN});
  expect_packed({INT64_MAX, INT64_MIN});
  expect_packed({INT64_MIN, INT64_MAX, 0, INT64_MIN, -1, 1, INT64_MAX});
  expect_packed({INT64_MIN, 0, INT64_MIN, 0, INT64_MIN});
}

TEST(PackedIntegers, each_packing_is_chosen_where_it_is_best) {
  const auto packing = [](const Bytes& block) { return static_cast<Packing>(block[0] >> 4U); };
  std::vector<std::int64_t> regular;
  std::vector<std::int64_t> repeating;
  std::vector<std::int64_t> noisy;
  std::mt19937_64 random(8);
  for (int i = 0; i < 2'000; ++i) {
    regular.push_back(7 * i);
    repeating.push_back(i < 40 ? static_cast<std::int64_t>(random() % 1'000'000'000)
                               : repeating[static_cast<std::size_t>(i) - 40]);
    noisy.push_back(static_cast<std::int64_t>(random() % 900));
  }
  EXPECT_EQ(packing(expect_packed(regular)), Packing::same);
  EXPECT_EQ(packing(expect_packed(repeating)), Packing::varints);
  EXPECT_EQ(packing(expect_packed(noisy)), Packing::tokens);
}

TEST(PackedIntegers, scattered_states_become_a_palette) {
  std::mt19937_64 random(9);
  std::vector<std::int64_t> values(2'000);
  for (std::int64_t& value : values) value = std::int64_t{1} << (random() % 16 * 3);
  const Bytes block = expect_packed(values);
  EXPECT_NE(block[0] & 4U, 0U);
  EXPECT_LT(block.size(), 2'000U * 9 / 16) << "half a byte each, and a little";
}

TEST(PackedIntegers, blocks_that_lie_are_refused) {
  Compressor compressor;
  std::vector<std::int64_t> out;
  const auto refused = [&](std::initializer_list<std::uint8_t> bytes, std::size_t count) {
    const Bytes block(bytes);
    return !unpack_integers(ByteReader(block), count, compressor, out);
  };
  EXPECT_TRUE(refused({}, 1));
  EXPECT_TRUE(refused({0x23, 0, 1}, 5)) << "order 3";
  EXPECT_TRUE(refused({0x30, 0, 1}, 5)) << "no such packing";
  EXPECT_TRUE(refused({0x22, 0, 1, 0, 0}, 1)) << "more first numbers than numbers";
  EXPECT_TRUE(refused({0x20, 0, 1, 9}, 5)) << "a byte too many";
  EXPECT_TRUE(refused({0x24, 0, 1, 2, 200}, 5)) << "a palette longer than the block";
  EXPECT_TRUE(refused({0x24, 0, 1, 2, 8, 0x24, 0, 1, 1, 3, 0x20, 0, 1}, 5)) << "a palette in a palette";
  EXPECT_TRUE(refused({0x2C, 0, 1, 2, 3, 0x20, 0, 1, 4}, 5)) << "an index past the palette";
  EXPECT_FALSE(refused({0x2C, 0, 1, 2, 3, 0x20, 0, 1, 2}, 5));
  EXPECT_EQ(out, std::vector<std::int64_t>(5, 0));
}

}  // namespace
}  // namespace picket::perf_database

// SPDX-License-Identifier: Apache-2.0
//
// Properties of the value codec over generated columns: every bit comes back, whatever the kind of series and its
// length; whatever is done to a block, decoding it ends, and with a column that is no longer than the block says.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "codec/column_codec.hpp"
#include "codec/crc32c.hpp"

namespace picket::perf_database {
namespace {

using Random = std::mt19937_64;
using Doubles = std::numeric_limits<double>;

// Makes the next value of a series from the one before.
struct Kind {
  const char* name;
  std::function<double(Random&, double, std::size_t)> next;
};

double whole(Random& random, std::uint64_t below) {
  return static_cast<double>(random() % below);
}

const std::vector<double>& oddities() {
  static const std::vector<double> kOdd = {-0.0,
                                           0.0,
                                           Doubles::quiet_NaN(),
                                           -Doubles::quiet_NaN(),
                                           std::bit_cast<double>(0x7FF0000000000001ULL),
                                           std::bit_cast<double>(0xFFF8DEADBEEF1234ULL),
                                           Doubles::infinity(),
                                           -Doubles::infinity(),
                                           Doubles::denorm_min(),
                                           -Doubles::denorm_min(),
                                           Doubles::min(),
                                           Doubles::max(),
                                           Doubles::lowest(),
                                           9007199254740993.0,
                                           9.2e18,
                                           -9.3e18,
                                           1.8446744073709552e19,
                                           1e-300,
                                           1e22};
  return kOdd;
}

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> kKinds = {
      {"constant", [](Random&, double last, std::size_t) { return last; }},
      {"counter", [](Random& r, double last, std::size_t) { return last + whole(r, 1'000); }},
      {"counter_with_resets", [](Random& r, double last, std::size_t) { return r() % 500 == 0 ? 0 : last + 4'096; }},
      {"counter_beyond_2_53",
       [](Random& r, double last, std::size_t) { return std::max(last, 1e17) + 64 * whole(r, 9); }},
      {"accelerating", [](Random&, double, std::size_t i) { return static_cast<double>(i) * static_cast<double>(i); }},
      {"decimal_walk",
       [](Random& r, double last, std::size_t) { return std::round(last * 100 + whole(r, 41) - 20) / 100; }},
      {"hundredths_of_percent", [](Random& r, double, std::size_t) { return whole(r, 10'000) / 100; }},
      {"ratio_of_jiffies", [](Random& r, double, std::size_t) { return whole(r, 30) / (99 + whole(r, 3)); }},
      {"ratio_of_a_total", [](Random& r, double, std::size_t) { return (4e6 + whole(r, 9'000)) / 8'123'457; }},
      {"single_precision",
       [](Random& r, double, std::size_t) { return static_cast<double>(static_cast<float>(r()) * 1.1F); }},
      {"noise", [](Random& r, double, std::size_t) { return std::sqrt(whole(r, 1'000'003)); }},
      {"sine", [](Random&, double, std::size_t i) { return std::sin(static_cast<double>(i) / 50); }},
      {"mostly_zero", [](Random& r, double, std::size_t) { return r() % 200 == 0 ? whole(r, 50) : 0; }},
      {"repeating", [](Random&, double, std::size_t i) { return static_cast<double>(i * i % 61) * 1'234.5; }},
      {"states", [](Random& r, double, std::size_t) { return std::pow(7, whole(r, 5)); }},
      {"gaps",
       [](Random& r, double last, std::size_t) {
         return r() % 30 == 0 ? Doubles::quiet_NaN() : std::floor(std::isnan(last) ? 5 : last) + 1;
       }},
      {"signs", [](Random& r, double, std::size_t) { return whole(r, 3) - 1 == 0 ? -0.0 : whole(r, 7) - 3; }},
      {"oddities", [](Random& r, double, std::size_t) { return oddities()[r() % oddities().size()]; }},
      {"few_oddities",
       [](Random& r, double, std::size_t i) {
         return r() % 40 == 0 ? oddities()[r() % oddities().size()] : static_cast<double>(i % 9);
       }},
      {"any_bits", [](Random& r, double, std::size_t) { return std::bit_cast<double>(r()); }}};
  return kKinds;
}

std::vector<double> column(const Kind& kind, std::size_t length, Random& random) {
  std::vector<double> values(length);
  double last = whole(random, 1'000);
  for (std::size_t i = 0; i < length; ++i) values[i] = last = kind.next(random, last, i);
  return values;
}

void expect_every_bit(const std::vector<double>& values, Compressor& compressor) {
  const Bytes block = encode_values(values, compressor);
  const auto back = decode_values(block, compressor);
  ASSERT_TRUE(back.has_value());
  ASSERT_EQ(back->size(), values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_EQ(std::bit_cast<std::uint64_t>((*back)[i]), std::bit_cast<std::uint64_t>(values[i])) << i;
  }
  // Never worse than the values themselves by more than headers.
  EXPECT_LE(block.size(), values.size() * sizeof(double) + 40);
}

class EveryKind : public ::testing::TestWithParam<std::size_t> {
 protected:
  const Kind& kind() const { return kinds()[GetParam()]; }
  Compressor compressor_;
  Random random_{GetParam() + 1};
};

TEST_P(EveryKind, short_columns_of_every_length_come_back) {
  for (std::size_t length = 1; length <= 70; ++length) {
    SCOPED_TRACE(length);
    expect_every_bit(column(kind(), length, random_), compressor_);
  }
}

TEST_P(EveryKind, hours_come_back) {
  for (const std::size_t length : {360U, 3'599U, 3'600U}) {
    SCOPED_TRACE(length);
    expect_every_bit(column(kind(), length, random_), compressor_);
  }
}

TEST_P(EveryKind, the_longest_column_comes_back) {
  expect_every_bit(column(kind(), kMaxColumn, random_), compressor_);
}

// The checksum is put right after the damage, so that the decoder has to notice by itself, or to live with it.
TEST_P(EveryKind, damage_behind_a_right_checksum_ends_in_a_refusal_or_a_column_of_the_stated_length) {
  const Bytes block = encode_values(column(kind(), 500, random_), compressor_);
  const std::size_t body = block.size() - sizeof(std::uint32_t);
  for (int round = 0; round < 400; ++round) {
    Bytes damaged(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(body));
    if (random_() % 4 == 0) damaged.resize(1 + random_() % body);
    for (std::uint64_t i = random_() % 3; i > 0; --i)
      damaged[random_() % damaged.size()] ^= static_cast<std::uint8_t>(1U << random_() % 8);
    ByteReader header(damaged);
    header.byte();
    const std::uint64_t stated = header.varint();
    seal_with_crc(damaged);
    const auto values = decode_values(damaged, compressor_);
    if (!values) continue;
    EXPECT_EQ(values->size(), stated);
    EXPECT_LE(values->size(), kMaxColumn);
  }
}

std::vector<std::size_t> every_index() {
  std::vector<std::size_t> indices(kinds().size());
  for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = i;
  return indices;
}

INSTANTIATE_TEST_SUITE_P(Series, EveryKind, ::testing::ValuesIn(every_index()),
                         [](const auto& tested) { return kinds()[tested.param].name; });

// What each kind may cost, in bytes a sample over an hour: a bound that a lost transformation would break.
TEST(ValueCodecSize, an_hour_of_each_kind_is_as_small_as_its_transformation_makes_it) {
  const std::vector<std::pair<const char*, double>> bounds = {{"constant", 0.01},
                                                              {"counter", 1.30},
                                                              {"counter_with_resets", 0.02},
                                                              {"counter_beyond_2_53", 0.46},
                                                              {"accelerating", 0.01},
                                                              {"decimal_walk", 0.72},
                                                              {"hundredths_of_percent", 1.75},
                                                              {"ratio_of_jiffies", 0.90},
                                                              {"ratio_of_a_total", 1.75},
                                                              {"single_precision", 3.2},
                                                              {"noise", 6.75},
                                                              {"mostly_zero", 0.03},
                                                              {"repeating", 0.06},
                                                              {"states", 0.33},
                                                              {"gaps", 0.40}};
  Compressor compressor;
  for (const auto& [name, bound] : bounds) {
    for (const Kind& kind : kinds()) {
      if (std::string_view(kind.name) != name) continue;
      Random random(77);
      EXPECT_LE(static_cast<double>(encode_values(column(kind, 3'600, random), compressor).size()) / 3'600, bound)
          << name;
    }
  }
}

TEST(TimeCodecProperty, times_of_any_shape_come_back) {
  Compressor compressor;
  Random random(5);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::int64_t> times(1 + random() % 600);
    std::int64_t now = static_cast<std::int64_t>(random());
    for (std::int64_t& time : times) {
      const std::uint64_t step =
          round % 3 == 0 ? random() : 1'000'000'000 + (round % 3 == 1 ? random() % 2'000'000 : 0);
      time = now = static_cast<std::int64_t>(static_cast<std::uint64_t>(now) + step);
    }
    const auto back = decode_times(encode_times(times, compressor), compressor);
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(*back, times);
  }
}

}  // namespace
}  // namespace picket::perf_database

// SPDX-License-Identifier: Apache-2.0
//
// The codecs give back every bit, whatever goes in, and answer damage with a refusal.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "codec/column_codec.hpp"
#include "codec/crc32c.hpp"
#include "codec/tick_codec.hpp"

namespace picket::perf_database {
namespace {

using Limits = std::numeric_limits<double>;

std::vector<std::uint64_t> bits(const std::vector<double>& values) {
  std::vector<std::uint64_t> out;
  for (const double value : values) out.push_back(std::bit_cast<std::uint64_t>(value));
  return out;
}

void expect_exact(const std::vector<double>& values) {
  Compressor compressor;
  const Bytes block = encode_values(values, compressor);
  const auto back = decode_values(block, compressor);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(bits(*back), bits(values));
}

ValueCodec codec_of(const std::vector<double>& values) {
  Compressor compressor;
  return static_cast<ValueCodec>(encode_values(values, compressor).front());
}

// Values of every kind that has ever hurt a codec, mixed by the seed.
std::vector<double> nasty(std::uint32_t seed) {
  std::mt19937_64 random(seed);
  const std::vector<double> odd = {0.0,
                                   -0.0,
                                   Limits::quiet_NaN(),
                                   -Limits::quiet_NaN(),
                                   Limits::infinity(),
                                   -Limits::infinity(),
                                   Limits::denorm_min(),
                                   Limits::min(),
                                   Limits::max(),
                                   Limits::lowest(),
                                   9007199254740992.0,
                                   9007199254740994.0,
                                   0.1,
                                   1e-15,
                                   1e22,
                                   1e300,
                                   std::bit_cast<double>(0x7FF0000000000001ULL),
                                   std::bit_cast<double>(0xFFF8DEADBEEF1234ULL)};
  std::vector<double> values(1 + random() % 3'000);
  const unsigned mix = static_cast<unsigned>(random() % 6);
  double walk = 50;
  for (double& value : values) {
    walk += static_cast<double>(static_cast<int>(random() % 201) - 100) / 100;
    if (mix == 0) value = std::bit_cast<double>(random());
    if (mix == 1) value = odd[random() % odd.size()];
    if (mix == 2) value = std::round(walk * 100) / 100;
    if (mix == 3) value = static_cast<double>(random() % 4'000'000'000'000) * 4'096;
    if (mix == 4) value = random() % 100 == 0 ? odd[random() % odd.size()] : std::floor(walk);
    if (mix == 5) value = static_cast<double>(random() % 90) / 89.0;
  }
  return values;
}

TEST(ValueCodec, gives_back_every_bit_of_any_mixture) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    expect_exact(nasty(seed));
  }
}

TEST(ValueCodec, single_values_of_every_kind_survive) {
  for (const double value :
       {0.0, -0.0, Limits::quiet_NaN(), Limits::infinity(), Limits::denorm_min(), Limits::max(), 0.1}) {
    expect_exact({value});
    expect_exact({value, 1.0});
    expect_exact({1.0, value, 1.0});
  }
}

TEST(ValueCodec, a_full_column_survives) {
  std::vector<double> values(kMaxColumn);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i) / 8;
  expect_exact(values);
}

TEST(ValueCodec, picks_the_packing_that_suits_the_data) {
  EXPECT_EQ(codec_of(std::vector<double>(100, 0.3)), ValueCodec::constant);
  EXPECT_EQ(codec_of(std::vector<double>(100, -0.0)), ValueCodec::constant);
  EXPECT_EQ(codec_of(std::vector<double>(100, 1e15)), ValueCodec::constant);
  EXPECT_EQ(codec_of(std::vector<double>(100, -1e9)), ValueCodec::whole);
  std::vector<double> counter;
  std::vector<double> ratio;
  std::vector<double> noise;
  std::mt19937_64 random(7);
  for (int i = 0; i < 3'600; ++i) {
    counter.push_back(1e9 + i * 131.0);
    ratio.push_back(static_cast<double>(random() % 97) / 97.0);
    noise.push_back(std::sqrt(static_cast<double>(random() % 1'000'000'007)));
  }
  std::vector<double> planes;  // nothing in common but the bytes in the middle
  for (int i = 0; i < 3'600; ++i) planes.push_back(std::bit_cast<double>(random() & 0xFFFF'0000'0000'FFFFULL));
  EXPECT_EQ(codec_of(counter), ValueCodec::packed);
  EXPECT_EQ(codec_of(ratio), ValueCodec::packed);
  EXPECT_EQ(codec_of(noise), ValueCodec::packed);
  EXPECT_EQ(codec_of(planes), ValueCodec::planes);
}

TEST(ValueCodec, page_multiples_cost_no_more_than_their_pages) {
  std::vector<double> pages;
  std::vector<double> counts;
  std::mt19937 random(11);
  for (int i = 0; i < 3'600; ++i) {
    counts.push_back(50'000 + static_cast<double>(random() % 90));
    pages.push_back(counts.back() * 4'096);
  }
  Compressor compressor;
  EXPECT_LE(encode_values(pages, compressor).size(), encode_values(counts, compressor).size() + 8);
}

TEST(ValueCodec, one_flipped_bit_anywhere_is_noticed) {
  Compressor compressor;
  const Bytes block = encode_values(nasty(2), compressor);
  for (std::size_t i = 0; i < block.size(); ++i) {
    Bytes damaged = block;
    damaged[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    EXPECT_FALSE(decode_values(damaged, compressor).has_value()) << "byte " << i;
  }
}

TEST(ValueCodec, every_truncation_is_noticed) {
  Compressor compressor;
  const Bytes block = encode_values(nasty(4), compressor);
  for (std::size_t size = 0; size < block.size(); ++size) {
    EXPECT_FALSE(decode_values(ByteView(block).first(size), compressor).has_value()) << size;
  }
}

// A block with a right checksum but a lying header, as a hostile file would have it.
TEST(ValueCodec, a_well_sealed_lie_about_the_count_is_refused) {
  Compressor compressor;
  for (const std::uint64_t count : {std::uint64_t{0}, std::uint64_t{kMaxColumn + 1}, ~std::uint64_t{0}}) {
    for (std::uint8_t codec = 0; codec < 8; ++codec) {
      Bytes block{codec};
      put_varint(block, count);
      put_word<std::uint64_t>(block, 1);
      seal_with_crc(block);
      EXPECT_FALSE(decode_values(block, compressor).has_value());
    }
  }
}

TEST(TimeCodec, keeps_regular_jittered_backward_and_extreme_times) {
  Compressor compressor;
  std::mt19937_64 random(3);
  std::vector<std::int64_t> regular;
  std::vector<std::int64_t> jittered;
  for (std::int64_t i = 0; i < 3'600; ++i) {
    regular.push_back(1'700'000'000'000'000'000 + i * 1'000'000'000);
    jittered.push_back(regular.back() + static_cast<std::int64_t>(random() % 2'000'000));
  }
  const std::vector<std::vector<std::int64_t>> cases = {
      regular, jittered, {5, 4, 3, 100, -7}, {INT64_MAX, INT64_MIN, 0, INT64_MAX}, {INT64_MIN, INT64_MIN + 2}, {42}};
  for (const auto& times : cases) {
    const auto back = decode_times(encode_times(times, compressor), compressor);
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(*back, times);
  }
  EXPECT_LT(encode_times(regular, compressor).size(), 64U) << "an hour of regular ticks costs next to nothing";
}

TEST(TimeCodec, a_value_block_is_no_time_block) {
  Compressor compressor;
  EXPECT_FALSE(decode_times(encode_values(std::vector<double>{1, 2, 3}, compressor), compressor).has_value());
  EXPECT_FALSE(decode_values(encode_times(std::vector<std::int64_t>{1, 2, 3}, compressor), compressor).has_value());
}

TEST(TickCodec, a_chain_from_a_keyframe_gives_back_every_bit) {
  TickEncoder encoder;
  TickDecoder decoder;
  std::mt19937_64 random(5);
  std::vector<std::uint64_t> previous;
  std::vector<std::uint64_t> decoded;
  std::vector<std::uint64_t> now(257);
  Bytes block;
  for (int tick = 0; tick < 200; ++tick) {
    for (std::uint64_t& word : now) {
      if (random() % 3 == 0) word = random();
    }
    if (tick % 60 == 0) previous.clear();
    encoder.encode(now, previous, block);
    ASSERT_TRUE(decoder.decode(block, now.size(), decoded));
    ASSERT_EQ(decoded, now);
    previous = now;
  }
}

TEST(TickCodec, a_difference_without_its_predecessor_is_refused) {
  TickEncoder encoder;
  TickDecoder decoder;
  const std::vector<std::uint64_t> now = {1, 2, 3};
  Bytes block;
  encoder.encode(now, now, block);
  std::vector<std::uint64_t> nothing;
  EXPECT_FALSE(decoder.decode(block, 3, nothing));
  std::vector<std::uint64_t> before = now;
  EXPECT_FALSE(decoder.decode(block, 4, before)) << "another layout";
  EXPECT_TRUE(decoder.decode(block, 3, before));
}

TEST(Crc32c, agrees_with_the_published_vectors) {
  // RFC 3720, appendix B.4.
  const Bytes zeros(32, 0x00);
  const Bytes ones(32, 0xFF);
  Bytes ascending;
  for (std::uint8_t i = 0; i < 32; ++i) ascending.push_back(i);
  EXPECT_EQ(crc32c(zeros), 0x8A9136AAU);
  EXPECT_EQ(crc32c(ones), 0x62A8AB43U);
  EXPECT_EQ(crc32c(ascending), 0x46DD794EU);
}

TEST(Crc32c, is_the_same_by_tables_and_by_instruction_for_every_length_and_place) {
  Bytes bytes;
  for (unsigned i = 0; i < 80; ++i) bytes.push_back(static_cast<std::uint8_t>(i * 151U + 7U));
  for (std::size_t from = 0; from < 9; ++from) {
    for (std::size_t size = 0; from + size <= bytes.size(); ++size) {
      const ByteView part = ByteView(bytes).subspan(from, size);
      ASSERT_EQ(crc32c(part), crc32c_by_tables(part)) << from << " " << size;
    }
  }
}

TEST(Varint, round_trips_at_every_boundary) {
  for (unsigned shift = 0; shift < 64; ++shift) {
    for (const std::uint64_t delta : {~std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{1}}) {
      const std::uint64_t value = (std::uint64_t{1} << shift) + delta;
      Bytes out;
      put_varint(out, value);
      EXPECT_EQ(out.size(), varint_size(value));
      ByteReader reader(out);
      EXPECT_EQ(reader.varint(), value);
      EXPECT_TRUE(reader.ok() && reader.rest().empty());
      EXPECT_EQ(zigzag(unzigzag(value)), value);
    }
  }
}

}  // namespace
}  // namespace picket::perf_database

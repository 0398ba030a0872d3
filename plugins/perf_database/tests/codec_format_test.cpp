// SPDX-License-Identifier: Apache-2.0
//
// Bytes that were written once must mean the same for ever: the examples of the format document, and blocks in the
// codecs that only the first version wrote.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "codec/column_codec.hpp"
#include "codec/crc32c.hpp"

namespace picket::perf_database {
namespace {

Bytes from_hex(const std::string& hex) {
  Bytes bytes;
  std::istringstream in(hex);
  unsigned byte = 0;
  while (in >> std::hex >> byte) bytes.push_back(static_cast<std::uint8_t>(byte));
  return bytes;
}

struct Example {
  Bytes block;
  std::vector<std::string> numbers;
};

// Fenced: a line of hexadecimal bytes, then one of numbers that begins with `=`.
std::vector<Example> documented_examples() {
  std::vector<Example> examples;
  std::ifstream document(PICKET_CODEC_FORMAT);
  std::string line;
  std::string before;
  for (; std::getline(document, line); before = line) {
    if (!line.starts_with("= ")) continue;
    std::istringstream numbers(line.substr(2));
    Example example{from_hex(before), {}};
    for (std::string number; numbers >> number;) example.numbers.push_back(number);
    examples.push_back(std::move(example));
  }
  return examples;
}

void expect_values(const Example& example, Compressor& compressor) {
  const auto values = decode_values(example.block, compressor);
  ASSERT_TRUE(values.has_value());
  ASSERT_EQ(values->size(), example.numbers.size());
  for (std::size_t i = 0; i < values->size(); ++i) {
    if (example.numbers[i] == "nan") {
      EXPECT_TRUE(std::isnan((*values)[i]));
    } else {
      EXPECT_EQ((*values)[i], std::strtod(example.numbers[i].c_str(), nullptr));
    }
  }
  EXPECT_EQ(encode_values(*values, compressor), example.block) << "the document shows what the encoder writes";
}

void expect_times(const Example& example, Compressor& compressor) {
  const auto times = decode_times(example.block, compressor);
  ASSERT_TRUE(times.has_value());
  ASSERT_EQ(times->size(), example.numbers.size());
  for (std::size_t i = 0; i < times->size(); ++i) EXPECT_EQ(std::to_string((*times)[i]), example.numbers[i]);
  EXPECT_EQ(encode_times(*times, compressor), example.block);
}

TEST(CodecFormat, the_examples_of_the_document_decode_to_what_it_says) {
  Compressor compressor;
  const auto examples = documented_examples();
  ASSERT_GE(examples.size(), 4U) << "no examples in " << PICKET_CODEC_FORMAT;
  for (const Example& example : examples) {
    ASSERT_FALSE(example.block.empty());
    SCOPED_TRACE(testing::PrintToString(example.numbers));
    example.block[0] >= 0x40 ? expect_times(example, compressor) : expect_values(example, compressor);
  }
}

// Blocks that the encoder of version 1 made, without their checksums.
Bytes sealed(const std::string& hex) {
  Bytes block = from_hex(hex);
  seal_with_crc(block);
  return block;
}

TEST(CodecFormat, a_decimal_block_of_version_1_is_read) {
  Compressor compressor;
  const auto values = decode_values(
      sealed("01 c8 01 02 01 a0 9c 01 7d 28 b5 2f fd 20 c8 4d 00 00 10 00 02 01 00 43 0a 60 01"), compressor);
  ASSERT_TRUE(values.has_value());
  ASSERT_EQ(values->size(), 200U);
  for (std::size_t i = 0; i < values->size(); ++i) EXPECT_EQ((*values)[i], 100 + 1.25 * static_cast<double>(i)) << i;
}

TEST(CodecFormat, a_palette_block_of_version_1_is_read) {
  Compressor compressor;
  const auto values =
      decode_values(sealed("03 c8 01 0c"
                           " 00 14 14 9e 14 d9 9e b1 14 76 d9 3b 9e 00 3b 3b d8 3b 89 d8 13 3b 62 89 b1 d8"
                           " 00 b1 b1 89 b1 9d 89 3b b1 27 9d 13 89 00 13 13 9d 13 d8 9d b1 13 76 d8 3b 9d"
                           " 00 3b 3b d8 3b 89 d8 13 3b 62 89 b1 d8 00 b1 b1 89 b1 9d 89 3b b1 27 9d 13 89"
                           " 00 b3 c3 cd d3 d8 dd e1 e3 e6 e8 eb ed 00 3f 3f 3f 3f 3f 3f 3f 3f 3f 3f 3f 3f"
                           " 28 b5 2f fd 20 c8 a5 00 00 68 00 07 01 08 02 09 03 0a 04 0b 05 0c 06 01 00 38 a0 e6 17"),
                    compressor);
  ASSERT_TRUE(values.has_value());
  ASSERT_EQ(values->size(), 200U);
  for (std::size_t i = 0; i < values->size(); ++i) {
    EXPECT_EQ(std::round((*values)[i] * 13), static_cast<double>(i * 7 % 13)) << i;
    EXPECT_EQ((*values)[i], static_cast<double>(i * 7 % 13) / 13) << i;
  }
}

TEST(CodecFormat, a_timestamp_block_of_version_1_is_read) {
  Compressor compressor;
  const auto times = decode_times(
      sealed("40 c8 01 02 80 80 d0 e2 c6 bf ce 97 2f 01 28 b5 2f fd 20 cc 85 00 00 48 00 82 a8 d6 b9 07 00 05 06"
             " 01 00 40 29 77 04"),
      compressor);
  ASSERT_TRUE(times.has_value());
  ASSERT_EQ(times->size(), 200U);
  EXPECT_EQ(times->front(), 1'700'000'000'000'000'000);
  EXPECT_TRUE(std::is_sorted(times->begin(), times->end()));
}

}  // namespace
}  // namespace picket::perf_database

// SPDX-License-Identifier: Apache-2.0
#include "routing/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace picket::routing {
namespace {

TEST(Utf8, every_character_is_valid_and_nothing_beyond) {
  for (unsigned code = 0; code < 0x120000; code += code < 0x800 ? 1 : 7) {
    std::string text;
    if (code < 0x80) {
      text = {static_cast<char>(code)};
    } else if (code < 0x800) {
      text = {static_cast<char>(0xC0U | (code >> 6U)), static_cast<char>(0x80U | (code & 0x3FU))};
    } else if (code < 0x10000) {
      text = {static_cast<char>(0xE0U | (code >> 12U)), static_cast<char>(0x80U | ((code >> 6U) & 0x3FU)),
              static_cast<char>(0x80U | (code & 0x3FU))};
    } else {
      text = {static_cast<char>(0xF0U | (code >> 18U)), static_cast<char>(0x80U | ((code >> 12U) & 0x3FU)),
              static_cast<char>(0x80U | ((code >> 6U) & 0x3FU)), static_cast<char>(0x80U | (code & 0x3FU))};
    }
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    ASSERT_EQ(is_valid_utf8(text), !surrogate && code <= 0x10FFFF) << std::hex << code;
    if (text.size() > 1) {
      ASSERT_FALSE(is_valid_utf8(text.substr(0, text.size() - 1))) << std::hex << code;
    }
  }
}

TEST(Utf8, overlong_forms_are_invalid) {
  for (const std::string_view text : {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xF0\x80\x80\x80",
                                      "\xF0\x8F\xBF\xBF", "\xF5\x80\x80\x80", "\xFF", "\x80"}) {
    EXPECT_EQ(first_invalid_utf8(text), 0U);
  }
}

TEST(Utf8, the_offset_of_the_first_bad_byte_is_found_after_any_prefix) {
  for (std::size_t length = 0; length < 40; ++length) {
    const std::string ascii(length, 'a');
    EXPECT_EQ(first_invalid_utf8(ascii + "\xC3\xA9" + "\xFF" + ascii), length + 2);
    EXPECT_TRUE(is_valid_utf8(ascii + "\xC3\xA9" + ascii));
    EXPECT_TRUE(is_ascii(ascii));
    EXPECT_FALSE(is_ascii(ascii + "\x80"));
    EXPECT_FALSE(is_ascii("\x80" + ascii));
  }
}

TEST(Utf8, characters_are_counted_and_stepped_over) {
  const std::string_view text = "a\u00e9\u20ac\U0001F600";
  EXPECT_EQ(count_characters(text), 4U);
  EXPECT_EQ(next_character(text, 1), 3U);
  EXPECT_EQ(next_character(text, 6), 10U);
  EXPECT_EQ(previous_character(text, 10), 6U);
  EXPECT_EQ(previous_character("\x80\x80", 2), 0U);
}

}  // namespace
}  // namespace picket::routing

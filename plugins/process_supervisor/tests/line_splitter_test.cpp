// SPDX-License-Identifier: Apache-2.0
#include "line_splitter.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace picket::process_supervisor {
namespace {

using Lines = std::vector<std::string>;

struct Splitting {
  explicit Splitting(std::size_t limit = LineSplitter::kLimit) : splitter(limit) {}
  Splitting& add(std::string_view bytes) {
    splitter.add(bytes, keep);
    return *this;
  }
  Lines lines, cut;
  LineSplitter::Line keep = [this](std::string_view text, bool is_cut) {
    lines.emplace_back(text);
    if (is_cut) cut.emplace_back(text);
  };
  LineSplitter splitter;
};

TEST(LineSplitter, pieces_of_any_size_make_the_same_lines) {
  const std::string text =
      "one\r\ntwo\n\nthr\xC3\xA9"
      "e\nlast";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    Splitting splitting;
    for (std::size_t at = 0; at < text.size(); at += size) splitting.add(std::string_view(text).substr(at, size));
    EXPECT_EQ(splitting.lines, (Lines{"one", "two",
                                      "thr\xC3\xA9"
                                      "e"}))
        << size;
    EXPECT_EQ(splitting.splitter.rest(), 4U);
    splitting.splitter.flush(splitting.keep);
    EXPECT_EQ(splitting.lines.back(), "last");
    EXPECT_EQ(splitting.splitter.rest(), 0U);
  }
}

TEST(LineSplitter, a_line_without_end_comes_in_parts_and_never_half_a_character) {
  Splitting splitting(8);
  splitting.add("abcdefg\xC3\xA9hij\nk\n");
  EXPECT_EQ(splitting.lines, (Lines{"abcdefg", "\xC3\xA9hij", "k"}));
  EXPECT_EQ(splitting.cut, Lines{"abcdefg"});
  Splitting bytes(8);
  bytes.add(std::string(100, '\x80'));
  EXPECT_LE(bytes.splitter.rest(), 8U);
  EXPECT_EQ(bytes.lines.size(), 12U);
}

TEST(LineSplitter, what_is_no_utf8_is_replaced) {
  Splitting splitting;
  splitting.add(
      std::string_view("a\xFF"
                       "b\0c\xE2\x82\n",
                       9));
  EXPECT_EQ(splitting.lines, Lines{"a\xEF\xBF\xBD"
                                   "b\xEF\xBF\xBD"
                                   "c\xEF\xBF\xBD\xEF\xBF\xBD"});
  EXPECT_TRUE(is_clean_utf8("\xF0\x9F\x98\x80 ok"));
  for (const char* const bad : {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE0\x80\x80", "\xC3"}) {
    EXPECT_FALSE(is_clean_utf8(bad));
    EXPECT_TRUE(is_clean_utf8(repaired_utf8(bad)));
  }
}

}  // namespace
}  // namespace picket::process_supervisor

// SPDX-License-Identifier: Apache-2.0
#include "line_buffer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace picket::pipe_server {
namespace {

constexpr std::size_t kLimit = 8;

class LineBufferTest : public ::testing::Test {
 protected:
  bool feed(std::string_view text) {
    std::string padded(text);
    padded.reserve(text.size() + Session::kPadding);
    return buffer.feed(padded, [this](std::string_view line) {
      lines.emplace_back(line);
      return LineBuffer::Line::next;
    });
  }

  LineBuffer buffer{kLimit};
  std::vector<std::string> lines;
};

TEST_F(LineBufferTest, a_line_of_the_limit_passes_whole_and_in_pieces_with_either_end) {
  EXPECT_TRUE(feed("12345678\n12345678\r\n"));
  EXPECT_TRUE(feed("1234") && feed("5678\n1234") && feed("5678\r") && feed("\n"));
  EXPECT_EQ(lines, std::vector<std::string>(4, "12345678"));
}

TEST_F(LineBufferTest, one_byte_above_the_limit_is_too_long_in_one_read) {
  EXPECT_FALSE(feed("123456789\n"));
  EXPECT_TRUE(lines.empty());
}

TEST_F(LineBufferTest, one_byte_above_the_limit_is_too_long_wherever_the_line_is_cut) {
  const std::string line = "123456789\n";
  for (std::size_t cut = 1; cut < line.size(); ++cut) {
    buffer.release();
    EXPECT_FALSE(feed(line.substr(0, cut)) && feed(line.substr(cut))) << "cut at " << cut;
  }
  EXPECT_TRUE(lines.empty());
}

TEST_F(LineBufferTest, a_line_that_cannot_fit_any_more_is_refused_before_its_end_arrives) {
  EXPECT_TRUE(feed("12345"));
  EXPECT_FALSE(feed("67890"));
}

}  // namespace
}  // namespace picket::pipe_server

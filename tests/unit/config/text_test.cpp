// SPDX-License-Identifier: Apache-2.0
//
// The pure functions: units, plain scalars, suggestions.
#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "config/scalar.hpp"
#include "config/suggest.hpp"
#include "config/units.hpp"

namespace picket::config {
namespace {

TEST(Units, durations_are_nanoseconds) {
  EXPECT_EQ(parse_duration("250ms").value(), 250'000'000);
  EXPECT_EQ(parse_duration("5s").value(), 5'000'000'000);
  EXPECT_EQ(parse_duration("1h30m").value(), 5'400'000'000'000);
  EXPECT_EQ(parse_duration("1.5h").value(), 5'400'000'000'000);
  EXPECT_EQ(parse_duration("2d").value(), 2 * 86'400'000'000'000);
  EXPECT_EQ(parse_duration("1w").value(), parse_duration("7d").value());
  EXPECT_EQ(parse_duration("1y").value(), parse_duration("365d").value());
  EXPECT_EQ(parse_duration("0").value(), 0);
}

TEST(Units, durations_that_are_not_understood_are_refused_with_a_hint) {
  for (const char* text : {"", "5", "s", "-5s", "5 s", "5s5s", "1s1m", "1.s", "1month", "300y", "1.5ns", "5s ",
                           "99999999999999999999s", "1.0000000001s"}) {
    const auto result = parse_duration(text);
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_NE(result.error().message.find("write a duration like"), std::string::npos) << text;
  }
}

TEST(Units, sizes_are_bytes) {
  EXPECT_EQ(parse_bytes("1024").value(), 1024);
  EXPECT_EQ(parse_bytes("64MiB").value(), 64 << 20);
  EXPECT_EQ(parse_bytes("2GiB").value(), 2LL << 30);
  EXPECT_EQ(parse_bytes("500kB").value(), 500'000);
  EXPECT_EQ(parse_bytes("1.5KiB").value(), 1'536);
  EXPECT_EQ(parse_bytes("7B").value(), 7);
}

TEST(Units, sizes_that_are_not_understood_are_refused) {
  for (const char* text : {"", "MiB", "-1", "1 MiB", "1mib", "0.5", "9223372036854775808", "9000000TiB"}) {
    EXPECT_FALSE(parse_bytes(text).ok()) << text;
  }
}

TEST(Units, formatted_values_read_back_as_themselves) {
  constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t value :
       std::array<std::int64_t, 8>{0, 1, 999, 1'500'000, 5'400'000'000'000, 86'400'000'000'001, 1LL << 40, kLargest}) {
    EXPECT_EQ(parse_duration(format_duration(value)).value(), value) << format_duration(value);
    EXPECT_EQ(parse_bytes(format_bytes(value)).value(), value) << format_bytes(value);
  }
  EXPECT_EQ(format_duration(5'400'000'000'000), "1h30m");
  EXPECT_EQ(format_bytes(64 << 20), "64MiB");
}

template <typename T>
void expect_typed(std::string_view text, T value) {
  const ScalarValue typed = type_plain(text);
  ASSERT_TRUE(std::holds_alternative<T>(typed)) << text << " is alternative " << typed.index();
  EXPECT_EQ(std::get<T>(typed), value) << text;
}

TEST(PlainScalar, follows_the_core_schema) {
  expect_typed<std::int64_t>("0660", 660);
  expect_typed<std::int64_t>("-7", -7);
  expect_typed<std::int64_t>("+7", 7);
  expect_typed<std::int64_t>("0x1F", 31);
  expect_typed<std::int64_t>("0o17", 15);
  expect_typed<std::uint64_t>("18446744073709551615", 18446744073709551615U);
  expect_typed<double>("1.5", 1.5);
  expect_typed<double>(".5", 0.5);
  expect_typed<double>("+1e3", 1000.0);
  expect_typed<double>("5.", 5.0);
  expect_typed<bool>("True", true);
  expect_typed<bool>("FALSE", false);
  for (const std::string_view text : {"yes", "on", "1_000", "0b1", "1:30", "1.2.3", "-", ".", "e3", "+", "0x", "nul"}) {
    expect_typed<std::string_view>(text, text);
  }
  for (const char* text : {"", "~", "null", "Null", "NULL"}) {
    EXPECT_TRUE(std::holds_alternative<NullValue>(type_plain(text))) << text;
  }
  for (const char* text : {".inf", "-.INF", ".NaN", "1e999"}) {
    EXPECT_TRUE(std::holds_alternative<NotFinite>(type_plain(text))) << text;
  }
}

TEST(Suggestion, is_the_nearest_name_if_it_is_near) {
  const std::array<std::string, 3> names = {"interval", "include", "exclude"};
  EXPECT_EQ(nearest("intervall", names), "interval");
  EXPECT_EQ(nearest("intrevalx", names), "interval");
  EXPECT_EQ(nearest("INCLUDE", names), "include");
  EXPECT_EQ(nearest("xclude", names), "exclude");
  EXPECT_EQ(nearest("banana", names), "");
  EXPECT_EQ(nearest("", names), "");
  EXPECT_EQ(nearest(std::string(10'000, 'a'), names), "");
}

TEST(Suggestion, lists_a_few_names_when_none_is_near) {
  const std::array<std::string, 2> names = {"left", "right"};
  EXPECT_EQ(suggestion("rigth", names), "; did you mean `right`?");
  EXPECT_EQ(suggestion("banana", names), "; one of `left`, `right`");
  EXPECT_EQ(suggestion("banana", names, 1), "");
}

}  // namespace
}  // namespace picket::config

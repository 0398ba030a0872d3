// SPDX-License-Identifier: Apache-2.0
#include "service/log_record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace picket::service {
namespace {

using config::LogFormat;
using testing::EndsWith;
using testing::StartsWith;

constexpr std::int64_t kTime = 1'788'429'600'000'000'000;  // 2026-09-03T10:00:00Z

std::string text(std::string_view message, const std::vector<LogField>& fields = {}) {
  const std::string line = format_record({kTime, LogLevel::info, "host", message, &fields}, LogFormat::text);
  constexpr std::string_view kPrefix = "2026-09-03T10:00:00.000Z INFO host ";
  EXPECT_THAT(line, StartsWith(std::string(kPrefix)));
  return line.substr(kPrefix.size());
}

nlohmann::json json(std::string_view message, const std::vector<LogField>& fields = {}) {
  const std::string line = format_record({kTime, LogLevel::warning, "host", message, &fields}, LogFormat::json);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_LE(line.size(), kMaxRecord);
  return nlohmann::json::parse(line);
}

TEST(LogRecord, text_is_time_level_instance_message_fields) {
  EXPECT_EQ(text("ready", {{"routes", 3}, {"file", "a b"}, {"empty", ""}}), R"(ready routes=3 file="a b" empty="")");
}

TEST(LogRecord, the_daemon_itself_is_called_picket) {
  EXPECT_EQ(format_record({kTime, LogLevel::critical, "", "out", nullptr}, LogFormat::text),
            "2026-09-03T10:00:00.000Z CRITICAL picket out");
}

TEST(LogRecord, quotes_and_backslashes_in_values_are_escaped) {
  EXPECT_EQ(text("m", {{"k", R"(a"b\c)"}}), R"(m k="a\"b\\c")");
  EXPECT_EQ(text("m", {{"k", "a=b"}}), R"(m k="a=b")");
}

TEST(LogRecord, a_message_cannot_forge_a_second_line_or_drive_a_terminal) {
  EXPECT_EQ(text("a\nb\r\t\x1b[31m\x7f"), "a\\nb\\r\\t\\u001b[31m\\u007f");
  EXPECT_EQ(text("a\xC2\x85"
                 "b\xE2\x80\xA8"
                 "c"),
            "a\\u0085b\\u2028c");
  EXPECT_EQ(text("m", {{"k\n", "v\n"}}), "m k\\n=v\\n");
}

TEST(LogRecord, unicode_passes_and_invalid_utf8_is_replaced) {
  EXPECT_EQ(text("gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80"), "gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80");
  EXPECT_EQ(text("a\xFF"
                 "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(text("\xC3"), "\xEF\xBF\xBD");                                  // cut short
  EXPECT_EQ(text("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");                  // overlong
  EXPECT_EQ(text("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // a surrogate
  EXPECT_EQ(text("\xF4\x90\x80\x80").size(), 12U);                          // past U+10FFFF
}

TEST(LogRecord, a_long_record_is_cut_between_characters_and_says_so) {
  std::string message;
  while (message.size() < 20'000) message += "\xC3\xBC";
  const std::string line = format_record({kTime, LogLevel::info, "host", message, nullptr}, LogFormat::text);
  EXPECT_LE(line.size(), kMaxRecord);
  EXPECT_GT(line.size(), kMaxRecord - 100);
  EXPECT_THAT(line, EndsWith("\xC3\xBC [cut]"));
}

TEST(LogRecord, json_carries_the_same_facts) {
  const auto record = json("say \"hi\"\n", {{"routes", 3}});
  EXPECT_EQ(record["time"], "2026-09-03T10:00:00.000Z");
  EXPECT_EQ(record["level"], "warning");
  EXPECT_EQ(record["instance"], "host");
  EXPECT_EQ(record["message"], "say \"hi\"\n");
  EXPECT_EQ(record["fields"]["routes"], "3");
  EXPECT_FALSE(record.contains("cut"));
}

TEST(LogRecord, json_stays_json_wherever_it_is_cut) {
  // The cut falls into the message, a key, a value, and every place around the borders.
  for (std::size_t length = 7'950; length < 8'250; ++length) {
    const auto record = json(std::string(length, 'm'), {{"key", "value"}, {"another", std::string(50, 'v')}});
    EXPECT_EQ(record.value("cut", false), record["message"].get<std::string>().size() < length ||
                                              !record.contains("fields") || !record["fields"].contains("another") ||
                                              record["fields"]["another"].get<std::string>().size() < 50)
        << length;
  }
}

TEST(LogLevels, names_and_levels_are_inverse) {
  for (const char* name : {"trace", "debug", "info", "warning", "error", "critical"}) {
    const auto level = parse_log_level(name);
    ASSERT_TRUE(level) << name;
    EXPECT_EQ(log_level_name(*level), name);
  }
  EXPECT_EQ(parse_log_level("INFO"), std::nullopt);
  EXPECT_EQ(parse_log_level(""), std::nullopt);
}

}  // namespace
}  // namespace picket::service

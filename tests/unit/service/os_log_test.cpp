// SPDX-License-Identifier: Apache-2.0
//
// What records for the operating system's event log look like, and where they go when there is none.
#include "service/os_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/clock.hpp"

namespace picket::service {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

OsLogRecord record() {
  OsLogRecord record;
  record.severity = PICKET_SEVERITY_WARNING;
  record.message_id = "495092c18b874aee920fa928434e9f27";
  record.instance = "door";
  record.message = "refused";
  record.fields = {{"peer.uid", "1000"}, {"why", "two words"}};
  return record;
}

TEST(OsLogRecord, becomes_a_datagram_of_the_journal) {
  EXPECT_EQ(journal_datagram(record(), 42),
            "MESSAGE=refused\nPRIORITY=4\nSYSLOG_IDENTIFIER=picket\nSYSLOG_PID=42\nPICKET_INSTANCE=door\n"
            "MESSAGE_ID=495092c18b874aee920fa928434e9f27\nPICKET_PEER_UID=1000\nPICKET_WHY=two words\n");
}

TEST(OsLogRecord, a_value_of_several_lines_carries_its_length) {
  OsLogRecord several = record();
  several.message = "a\nbc";
  EXPECT_THAT(journal_datagram(several, 42), StartsWith(std::string("MESSAGE\n\x04\0\0\0\0\0\0\0a\nbc\n", 21)));
}

TEST(OsLogRecord, keys_cannot_pretend_to_be_the_journals_own) {
  EXPECT_EQ(journal_key("_PID"), "PICKET__PID");
  EXPECT_EQ(journal_key("MESSAGE"), "PICKET_MESSAGE");
  EXPECT_EQ(journal_key("a=b\nc"), "PICKET_A_B_C");
  EXPECT_EQ(journal_key(std::string(100, 'x')).size(), 64U);
}

TEST(OsLogRecord, becomes_a_line_of_syslog) {
  OsLogRecord odd = record();
  odd.message = "a\nb";
  odd.fields.emplace_back("q", "say \"x\\y\"");
  odd.fields.emplace_back("none", "");
  EXPECT_EQ(syslog_datagram(odd, 42, "Dec  1 10:00:00"),
            "<28>Dec  1 10:00:00 picket[42]: a\\nb instance=door peer.uid=1000 why=\"two words\" "
            "q=\"say \\\"x\\\\y\\\"\" none=\"\"");
  odd.message = std::string_view("\xC3\xA4", 2);
  const std::string long_text(20'000, 'x');
  odd.message = long_text;
  EXPECT_EQ(syslog_datagram(odd, 42, "Dec  1 10:00:00").size(), 8'192U);
}

TEST(OsLogRecord, severities_are_those_of_syslog) {
  EXPECT_EQ(syslog_priority(PICKET_SEVERITY_NONE), 6);
  EXPECT_EQ(syslog_priority(PICKET_SEVERITY_TRACE), 7);
  EXPECT_EQ(syslog_priority(PICKET_SEVERITY_NOTICE), 5);
  EXPECT_EQ(syslog_priority(PICKET_SEVERITY_EMERGENCY), 0);
  EXPECT_EQ(syslog_priority(99), 0);
}

class KeptLines final : public LogSink {
 public:
  explicit KeptLines(std::string& text) : text_(text) {}
  void write(LogLevel /*level*/, std::string_view line) override { text_ += std::string(line) + "\n"; }

 private:
  std::string& text_;
};

class NoSystemLog final : public OsLog {
 public:
  void configure(const OsLogSettings& /*settings*/) override {}
  picket_status write(const OsLogRecord& /*record*/) override { return answer; }
  std::uint64_t lost() const override { return 0; }
  picket_status answer = PICKET_NOT_FOUND;
};

TEST(OsLogFallback, what_no_system_takes_is_in_the_daemons_log) {
  std::string text;
  Log log({}, platform::system_clock(), std::make_unique<KeptLines>(text));
  EXPECT_EQ(write_os_log(nullptr, log, record()), PICKET_OK);
  EXPECT_THAT(text, AllOf(HasSubstr("WARN"), HasSubstr("door refused peer.uid=1000 why=\"two words\"")));
  NoSystemLog none;
  text.clear();
  EXPECT_EQ(write_os_log(&none, log, record()), PICKET_OK);
  EXPECT_THAT(text, HasSubstr("refused"));
  text.clear();
  none.answer = PICKET_BUSY;
  EXPECT_EQ(write_os_log(&none, log, record()), PICKET_BUSY);
  EXPECT_EQ(text, "");
}

TEST(OsLogFallback, a_malformed_id_is_refused) {
  std::string text;
  Log log({}, platform::system_clock(), std::make_unique<KeptLines>(text));
  OsLogRecord wrong = record();
  for (const char* id : {"x", "495092C18B874AEE920FA928434E9F27", "495092c18b874aee920fa928434e9f2"}) {
    wrong.message_id = id;
    EXPECT_EQ(write_os_log(nullptr, log, wrong), PICKET_INVALID) << id;
  }
  EXPECT_EQ(text, "");
}

}  // namespace
}  // namespace picket::service

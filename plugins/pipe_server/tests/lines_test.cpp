// SPDX-License-Identifier: Apache-2.0
//
// The protocols line and syslog over real sockets, and syslog messages taken apart.
#include <gmock/gmock.h>

#include "door_fixture.hpp"
#include "event_time.hpp"
#include "syslog_message.hpp"

namespace picket::pipe_server {
namespace {

class Lines : public DoorTest {};

TEST_F(Lines, a_line_of_text_is_a_message) {
  open(settings("line", R"(, "events": "note", "severity": "notice")"));
  const Client client(path());
  ASSERT_TRUE(client.send("first\r\n\n<3>not good\nlast"));
  client.shut_down();
  ASSERT_TRUE(wait_for_events(3));
  const auto events = host->events();
  EXPECT_EQ(events[0].kind, "note");
  EXPECT_EQ(events[0].text("message"), "first");
  EXPECT_EQ(events[0].severity, PICKET_SEVERITY_NOTICE);
  EXPECT_EQ(events[1].text("message"), "not good");
  EXPECT_EQ(events[1].severity, PICKET_SEVERITY_ERROR);
  EXPECT_EQ(events[2].text("message"), "last");
}

TEST_F(Lines, bytes_that_are_no_text_are_kept_as_bytes) {
  open(settings("line"));
  const Client client(path());
  ASSERT_TRUE(client.send("\xFF\xFE\n"));
  ASSERT_TRUE(wait_for_events(1));
  EXPECT_EQ(host->events()[0].fields.at("message"), testing::Value(testing::Bytes{"\xFF\xFE"}));
}

TEST_F(Lines, syslog_datagrams_of_both_kinds) {
  open(settings("syslog"));
  const Client client(path(), SOCK_DGRAM);
  ASSERT_TRUE(client.send("<30>Dec  1 10:00:00 shop[42]: open for business"));
  ASSERT_TRUE(client.send(
      R"(<165>1 2026-12-01T10:00:00.003Z host evntslog 77 ID47 [ex@1 iut="3" x="a\"b"][flag] it happened)"));
  ASSERT_TRUE(wait_for_events(2));
  const auto events = host->events();
  EXPECT_EQ(events[0].text("facility"), "daemon");
  EXPECT_EQ(events[0].severity, PICKET_SEVERITY_INFO);
  EXPECT_EQ(events[0].text("app"), "shop");
  EXPECT_EQ(events[0].integer("pid"), 42);
  EXPECT_EQ(events[0].text("message"), "open for business");
  EXPECT_EQ(events[1].text("host"), "host");
  EXPECT_EQ(events[1].text("msgid"), "ID47");
  EXPECT_EQ(events[1].text("sd.ex@1.iut"), "3");
  EXPECT_EQ(events[1].text("sd.ex@1.x"), "a\"b");
  EXPECT_TRUE(events[1].boolean("sd.flag"));
  EXPECT_EQ(events[1].time_ns, *parse_time("2026-12-01T10:00:00.003Z"));
}

TEST_F(Lines, syslog_streams_are_split_by_count_line_end_or_zero) {
  open(settings("syslog", R"(, "kind": "stream")"));
  const Client client(path());
  std::string sent = "11 <13>a: on\nx<13>b: two\n<13>c: three";
  sent += '\0';
  ASSERT_TRUE(client.send(sent + "8 <13>d"));
  ASSERT_TRUE(client.send(": x"));
  client.shut_down();
  ASSERT_TRUE(wait_for_events(4));
  EXPECT_EQ(host->events()[0].text("message"), "on\nx");
  EXPECT_EQ(host->events()[1].text("message"), "two");
  EXPECT_EQ(host->events()[2].text("message"), "three");
  EXPECT_EQ(host->events()[3].text("message"), "x");
}

TEST_F(Lines, a_syslog_count_over_the_limit_ends_the_stream) {
  open(settings("syslog", R"(, "kind": "stream", "limits": {"message": 1000})"));
  Client client(path());
  ASSERT_TRUE(client.send("1001 <13>x"));
  EXPECT_TRUE(client.read_to_end());
  EXPECT_EQ(host->counter("messages.malformed"), 1);
}

TEST_F(Lines, events_wait_for_room_and_come_in_order) {
  open(settings("syslog", R"(, "kind": "stream")"));
  host->busy_until_ready();
  const Client client(path());
  ASSERT_TRUE(client.send("<13>a: 1\n"));
  ASSERT_TRUE(wait_for_counter("messages", 1));
  ASSERT_TRUE(client.send("<13>a: 2\n<13>a: 3\n"));
  host->ready();
  ASSERT_TRUE(wait_for_events(3));
  EXPECT_EQ(host->events()[0].text("message"), "1");
  EXPECT_EQ(host->events()[2].text("message"), "3");
}

TEST(SyslogMessageTest, without_a_time_all_but_the_tag_is_the_message) {
  SyslogMessage message;
  ASSERT_FALSE(parse_syslog("<14>kernel oops at fe80::1\n", 0, message));
  EXPECT_EQ(message.message, "kernel oops at fe80::1");
  ASSERT_FALSE(parse_syslog("no priority", 0, message));
  EXPECT_EQ(message.facility, "user");
  EXPECT_EQ(message.severity, PICKET_SEVERITY_NOTICE);
}

TEST(SyslogMessageTest, an_old_time_is_of_the_year_that_is_nearest) {
  SyslogMessage message;
  const std::int64_t new_year = *parse_time("2027-01-01T12:00:00Z");
  ASSERT_FALSE(parse_syslog("<14>Dec 31 12:00:00 host app: x", new_year, message));
  ASSERT_TRUE(message.time_ns);
  EXPECT_LT(*message.time_ns, new_year);
  EXPECT_GT(*message.time_ns, *parse_time("2026-12-30T00:00:00Z"));
  EXPECT_EQ(message.host, "host");
  EXPECT_EQ(message.app, "app");
}

TEST(SyslogMessageTest, what_cannot_be_is_refused_at_its_byte) {
  SyslogMessage message;
  EXPECT_EQ(parse_syslog("<999>x", 0, message)->byte, 0U);
  EXPECT_EQ(parse_syslog("<13>1 yesterday h a p m - x", 0, message)->byte, 6U);
  EXPECT_EQ(parse_syslog(R"(<13>1 - h a p m [id x="open] x)", 0, message)->byte, 22U);
  EXPECT_TRUE(parse_syslog("", 0, message));
  EXPECT_TRUE(parse_syslog("<13>1 - h", 0, message));
}

}  // namespace
}  // namespace picket::pipe_server

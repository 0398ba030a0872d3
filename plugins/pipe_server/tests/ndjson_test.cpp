// SPDX-License-Identifier: Apache-2.0
//
// The protocol ndjson over real sockets: events, mistakes, back-pressure.
#include <gmock/gmock.h>

#include "door_fixture.hpp"

namespace picket::pipe_server {
namespace {

using ::testing::HasSubstr;

class Ndjson : public DoorTest {};

TEST_F(Ndjson, a_line_is_an_event_with_all_that_it_says) {
  open(settings("ndjson"));
  const Client client(path());
  ASSERT_TRUE(
      client.send(R"({"time": "2026-12-01T10:00:00.5Z", "kind": "process", "source": "shop", "severity": "warning",)"
                  R"( "message": "caf\u00e9", "value": 1.5, "fields": {"a": true, "b": null}, "http": {"code": 200},)"
                  R"( "list": [1, {"x": "y"}]})"
                  "\n"));
  ASSERT_TRUE(wait_for_events(1));
  const testing::Event event = host->events().front();
  EXPECT_EQ(event.time_ns, 1'796'119'200'500'000'000);
  EXPECT_EQ(event.kind, "process");
  EXPECT_EQ(event.source, "shop");
  EXPECT_EQ(event.severity, PICKET_SEVERITY_WARNING);
  EXPECT_EQ(event.text("message"), "caf\xC3\xA9");
  EXPECT_EQ(event.number("value"), 1.5);
  EXPECT_EQ(event.integer("http.code"), 200);
  EXPECT_TRUE(event.has("a"));
  EXPECT_TRUE(event.has("b"));
  EXPECT_TRUE(event.has("list"));
}

TEST_F(Ndjson, lines_that_come_in_pieces_are_put_together) {
  open(settings("ndjson"));
  const Client client(path());
  ASSERT_TRUE(client.send(R"({"message": "one"})"
                          "\n"
                          R"({"mess)"));
  ASSERT_TRUE(wait_for_events(1));
  ASSERT_TRUE(client.send(R"(age": "two"})"
                          "\r\n\n"
                          R"({"message": "three"})"));
  client.shut_down();  // the last one has no end
  ASSERT_TRUE(wait_for_events(3));
  EXPECT_EQ(host->events()[1].text("message"), "two");
  EXPECT_EQ(host->events()[2].text("message"), "three");
}

TEST_F(Ndjson, a_mistake_is_answered_with_its_byte_and_costs_its_line_only) {
  open(settings("ndjson"));
  Client client(path());
  ASSERT_TRUE(client.send(R"({"message": "good"})"
                          "\n"
                          R"({"a": tru})"
                          "\n"
                          R"({"message": "good too"})"
                          "\n"));
  EXPECT_EQ(client.read_lines(), R"({"error":{"line":2,"byte":6,"message":"no value"}})"
                                 "\n");
  ASSERT_TRUE(wait_for_events(2));
  EXPECT_EQ(host->counter("messages.malformed"), 1);
}

TEST_F(Ndjson, a_line_that_is_too_long_is_answered_and_ends_the_stream) {
  open(settings("ndjson", R"(, "limits": {"message": 100})"));
  Client client(path());
  ASSERT_TRUE(client.send(R"({"message": ")" + std::string(200, 'x')));
  EXPECT_THAT(client.read_lines(), HasSubstr("limits.message"));
  EXPECT_TRUE(client.read_to_end());
  EXPECT_TRUE(wait_for_counter("connections.cut", 1));
}

TEST_F(Ndjson, full_queues_stop_the_reading_and_nothing_is_lost) {
  open(settings("ndjson"));
  host->busy_until_ready();
  const Client client(path());
  const std::string line = R"({"message": ")" + std::string(500, 'x') + "\"}\n";
  // Until the socket takes no more: the door does not read.
  std::size_t sent = 0;
  std::string all;
  for (int i = 0; i < 5'000; ++i) all += line;
  ASSERT_TRUE(host->wait_until([&] {
    const std::size_t more = client.send_some(std::string_view(all).substr(sent));
    sent += more;
    return more == 0 && sent > 100'000;
  }));
  ASSERT_LT(sent, all.size());
  std::thread rest([&] { client.send(std::string_view(all).substr(sent)); });
  host->ready();
  EXPECT_TRUE(wait_for_events(5'000));
  rest.join();
  EXPECT_EQ(host->events().size(), 5'000U);
}

TEST_F(Ndjson, what_a_client_sent_before_it_left_is_taken_once_there_is_room) {
  open(settings("ndjson"));
  host->busy_until_ready();
  {
    const Client client(path());
    ASSERT_TRUE(client.send(R"({"message": "one"})"
                            "\n"));
    ASSERT_TRUE(wait_for_counter("messages", 1));
    ASSERT_TRUE(client.send(R"({"message": "two"})"
                            "\n"
                            R"({"message": "three"})"
                            "\n"));
  }
  host->ready();
  EXPECT_TRUE(wait_for_events(3));
  EXPECT_TRUE(wait_for_counter("connections", 0));
}

TEST_F(Ndjson, datagrams_and_packets_hold_one_or_more_lines_each) {
  open(R"({"listen": [{"path": ")" + path("d") + R"(", "protocol": "ndjson", "kind": "datagram"},
                      {"path": ")" +
       path("p") + R"(", "protocol": "ndjson", "kind": "seqpacket"}]})");
  const Client datagrams(path("d"), SOCK_DGRAM);
  ASSERT_TRUE(datagrams.send(R"({"message": "one"})"));
  ASSERT_TRUE(datagrams.send(R"({"message": "two"})"
                             "\n"
                             R"({"message": "three"})"
                             "\n"));
  ASSERT_TRUE(wait_for_events(3));
  const Client packets(path("p"), SOCK_SEQPACKET);
  ASSERT_TRUE(packets.send(R"({"message": "four"})"));
  ASSERT_TRUE(wait_for_events(4));
}

TEST_F(Ndjson, events_say_who_sent_them_when_asked) {
  open(settings("ndjson", R"(, "peer": true)"));
  const Client client(path());
  ASSERT_TRUE(client.send("{}\n"));
  ASSERT_TRUE(wait_for_events(1));
  EXPECT_EQ(host->events()[0].integer("peer.pid"), ::getpid());
  EXPECT_EQ(host->events()[0].integer("peer.uid"), ::getuid());
}

}  // namespace
}  // namespace picket::pipe_server

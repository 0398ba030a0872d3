// SPDX-License-Identifier: Apache-2.0
//
// Subscriptions: events with their numbers, and gaps that say exactly what is missing.
#include "rpc_fixture.hpp"

namespace picket::pipe_server {
namespace {

using picket::testing::Event;

class JsonRpcSubscription : public RpcTest {
 protected:
  std::vector<Event> events(int count) {
    std::vector<Event> all;
    for (int i = 0; i < count; ++i)
      all.push_back({"log", "host", 0, PICKET_SEVERITY_INFO, {{"n", std::int64_t{next_++}}}});
    return all;
  }
  void deliver(int count, std::uint64_t lost = 0) {
    EXPECT_TRUE(host_.publish(host_.subscriptions().at(0).id, events(count), lost));
    loop_->run_ready();
  }
  std::int64_t next_ = 0;
};

TEST_F(JsonRpcSubscription, the_daemon_is_asked_for_what_the_client_wants) {
  ask(1, "subscribe", {{"from", {"host", "jobs"}}, {"where", "severity >= warning"}, {"queue", {{"events", 77}}}});
  EXPECT_EQ(heard_one()["result"]["subscription"], 1);
  const auto wanted = host_.subscriptions().at(0);
  EXPECT_EQ(wanted.from, "host,jobs");
  EXPECT_EQ(wanted.filter, "severity >= warning");
  EXPECT_EQ(wanted.events, 77U);
}

TEST_F(JsonRpcSubscription, events_come_numbered_from_one) {
  ask(1, "subscribe");
  heard();
  deliver(2);
  const auto lines = heard();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0]["method"], "event");
  EXPECT_EQ(lines[0]["params"]["sequence"], 1);
  EXPECT_EQ(lines[1]["params"]["sequence"], 2);
  EXPECT_EQ(lines[1]["params"]["event"]["fields"]["n"], 1);
  EXPECT_EQ(lines[1]["params"]["event"]["source"], "host");
}

TEST_F(JsonRpcSubscription, what_the_daemon_dropped_is_a_gap_at_its_place) {
  ask(1, "subscribe");
  heard();
  deliver(1);
  deliver(1, 5);
  const auto lines = heard();
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1]["method"], "gap");
  EXPECT_EQ(lines[1]["params"]["lost"], 5);
  EXPECT_EQ(lines[1]["params"]["sequence"], 6);
  EXPECT_EQ(lines[2]["params"]["sequence"], 7);
}

TEST_F(JsonRpcSubscription, a_slow_reader_sees_every_event_or_its_gap_and_holds_no_more_than_its_limit) {
  ask(1, "subscribe", {{"queue", {{"bytes", 10'000}}}});
  heard();
  connection_->reads = false;
  for (int i = 0; i < 200; ++i) deliver(10);
  EXPECT_LT(connection_->waiting, 100'000U);
  std::uint64_t seen = 0;
  std::uint64_t expected = 1;
  // It begins to read: everything comes, in order, with gaps that fit exactly.
  connection_->reads = true;
  for (int round = 0; round < 50; ++round) {
    connection_->waiting = 0;
    session_->writable();
    loop_->run_ready();
  }
  for (const Json& line : heard()) {
    const Json& params = line["params"];
    if (line["method"] == "gap") {
      expected += params["lost"].get<std::uint64_t>();
      EXPECT_EQ(params["sequence"], expected - 1);
    } else {
      EXPECT_EQ(params["sequence"], expected);
      EXPECT_EQ(params["event"]["fields"]["n"], expected - 1) << "the numbers are those of the events";
      ++expected;
      ++seen;
    }
  }
  EXPECT_EQ(expected - 1, 2'000U) << "delivered and lost are all there are";
  EXPECT_LT(seen, 2'000U);
  EXPECT_GT(seen, 50U);
}

TEST_F(JsonRpcSubscription, a_wrong_filter_says_where) {
  host_.refuse_subscriptions("`severiti` is unknown (at character 1 of the filter)");
  ask(1, "subscribe", {{"where", "severiti > 1"}});
  const Json answer = heard_one();
  EXPECT_EQ(answer["error"]["code"], -32602);
  EXPECT_EQ(answer["error"]["data"]["path"], "/where");
}

TEST_F(JsonRpcSubscription, there_is_a_limit_for_each_client) {
  listener_.limits.subscriptions = 1;
  ask(1, "subscribe");
  ask(2, "subscribe");
  const auto answers = heard();
  EXPECT_EQ(answers[1]["error"]["data"]["limit"], "limits.subscriptions");
  ask(3, "unsubscribe", {{"subscription", 1}});
  EXPECT_TRUE(heard_one().contains("result"));
  EXPECT_TRUE(host_.subscriptions().empty());
  ask(4, "subscribe");
  EXPECT_EQ(heard_one()["result"]["subscription"], 2);
}

TEST_F(JsonRpcSubscription, ends_with_the_client) {
  ask(1, "subscribe");
  session_->closed(CloseReason::gone);
  EXPECT_TRUE(host_.subscriptions().empty());
}

TEST_F(JsonRpcSubscription, a_half_closed_reader_goes_on_reading_until_the_door_drains) {
  ask(1, "subscribe");
  heard();
  EXPECT_FALSE(session_->input_ended());
  deliver(1);
  EXPECT_EQ(heard().size(), 1U);
  EXPECT_TRUE(session_->draining());
}

TEST_F(JsonRpcSubscription, on_a_socket_with_messages_each_event_is_one) {
  listener_.kind = Kind::seqpacket;
  ask(1, "subscribe");
  heard();
  deliver(3);
  EXPECT_EQ(heard().size(), 3U);
}

}  // namespace
}  // namespace picket::pipe_server

// SPDX-License-Identifier: Apache-2.0
//
// `publish`: events to the bus, answers back, and what happens while the queues are full.
#include "rpc_fixture.hpp"

namespace picket::pipe_server {
namespace {

class JsonRpcPublish : public RpcTest {
 protected:
  void publish(int id, const std::vector<int>& values, bool ack) {
    Json events = Json::array();
    for (const int value : values) events.push_back({{"message", "m"}, {"fields", {{"n", value}}}});
    ask(id, "publish", {{"events", events}, {"ack", ack}});
  }
};

TEST_F(JsonRpcPublish, one_event_is_accepted_when_the_queues_have_it) {
  ask(1, "publish", {{"event", {{"kind", "log"}, {"severity", "warning"}, {"message", "hello"}, {"a", {{"b", 5}}}}}});
  EXPECT_EQ(heard_one()["result"]["accepted"], 1);
  const auto events = host_.events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].severity, PICKET_SEVERITY_WARNING);
  EXPECT_EQ(events[0].text("message"), "hello");
  EXPECT_EQ(events[0].integer("a.b"), 5);
}

TEST_F(JsonRpcPublish, with_ack_the_answer_waits_for_the_destinations) {
  publish(1, {1, 2, 3}, true);
  EXPECT_TRUE(heard().empty());
  EXPECT_EQ(host_.events().size(), 3U);
  host_.acknowledge_all();
  loop_->run_ready();
  EXPECT_EQ(heard_one()["result"]["acknowledged"], 3);
}

TEST_F(JsonRpcPublish, what_was_not_delivered_is_an_error_with_the_status) {
  publish(1, {1}, true);
  host_.acknowledge_all(PICKET_DROPPED);
  loop_->run_ready();
  const Json answer = heard_one();
  EXPECT_EQ(answer["error"]["code"], -32010);
  EXPECT_EQ(answer["error"]["data"]["status"], "DROPPED");
}

TEST_F(JsonRpcPublish, an_empty_list_is_done_at_once) {
  publish(1, {}, true);
  EXPECT_EQ(heard_one()["result"]["acknowledged"], 0);
}

TEST_F(JsonRpcPublish, a_malformed_event_names_itself_and_its_byte) {
  const std::string line =
      R"({"jsonrpc":"2.0","id":1,"method":"publish","params":{"events":[{"message":"a"},{"time":"yesterday"}]}})";
  say(line + "\n");
  const Json answer = heard_one();
  EXPECT_EQ(answer["error"]["code"], -32602);
  EXPECT_EQ(answer["error"]["data"]["path"], "/events/1");
  EXPECT_EQ(answer["error"]["data"]["accepted"], 1);
  EXPECT_GE(answer["error"]["data"]["byte"], line.find("{\"time"));
  EXPECT_EQ(host_.events().size(), 1U) << "those before it are published";
  EXPECT_TRUE(heard().empty()) << "and nothing more is answered";
}

TEST_F(JsonRpcPublish, full_queues_stop_the_reading_and_lose_nothing) {
  open();
  host_.busy_until_ready();
  publish(1, {1}, false);
  publish(2, {2, 3}, false);
  publish(3, {4}, true);
  EXPECT_TRUE(connection_->held());
  EXPECT_TRUE(heard().empty());
  host_.ready();
  loop_->run_ready();
  EXPECT_FALSE(connection_->held());
  session_->resumed();
  loop_->run_ready();
  host_.acknowledge_all();
  loop_->run_ready();
  std::vector<int> numbers;
  for (const auto& event : host_.events()) numbers.push_back(static_cast<int>(event.integer("n")));
  EXPECT_EQ(numbers, (std::vector<int>{1, 2, 3, 4}));
  const auto answers = heard();
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[0]["id"], 1);
  EXPECT_EQ(answers[2]["result"]["acknowledged"], 1);
}

TEST_F(JsonRpcPublish, a_client_that_leaves_while_it_waits_disturbs_nobody) {
  open();
  host_.busy_until_ready();
  publish(1, {1}, true);
  publish(2, {2}, true);
  session_->closed(CloseReason::gone);
  session_.reset();
  host_.ready();
  loop_->run_ready();
  host_.acknowledge_all();
  loop_->run_ready();
  EXPECT_GE(host_.events().size(), 1U);
}

TEST_F(JsonRpcPublish, several_large_publications_that_are_open_at_once_are_all_answered) {
  std::vector<int> numbers(250);
  std::string lines;
  for (int id = 1; id <= 4; ++id) {
    Json events = Json::array();
    for (std::size_t n = 0; n < numbers.size(); ++n) events.push_back({{"message", "m"}, {"fields", {{"n", n}}}});
    lines +=
        Json{{"jsonrpc", "2.0"}, {"id", id}, {"method", "publish"}, {"params", {{"events", events}, {"ack", true}}}}
            .dump() +
        "\n";
  }
  open();
  host_.busy_for(2);  // in the middle of one
  say(lines);
  for (int round = 0; round < 4; ++round) {
    host_.ready();
    loop_->run_ready();
    session_->resumed();
    loop_->run_ready();
  }
  EXPECT_EQ(host_.events().size(), 4 * numbers.size());
  EXPECT_TRUE(heard().empty());
  host_.acknowledge_all();
  loop_->run_ready();
  const auto answers = heard();
  ASSERT_EQ(answers.size(), 4U);
  for (const Json& answer : answers) EXPECT_EQ(answer["result"]["acknowledged"], numbers.size()) << answer.dump();
}

TEST_F(JsonRpcPublish, a_stop_that_waits_no_longer_answers_what_is_open) {
  publish(1, {1, 2}, true);
  host_.busy_until_ready();
  publish(2, {3}, true);
  publish(3, {4}, true);
  session_->abandoned();
  const auto answers = heard();
  ASSERT_EQ(answers.size(), 3U);
  for (const Json& answer : answers) EXPECT_EQ(answer["error"]["data"]["status"], "CANCELLED") << answer.dump();
  session_->closed(CloseReason::stopping);
  host_.ready();
  loop_->run_ready();
  host_.acknowledge_all();
  loop_->run_ready();
  EXPECT_TRUE(heard().empty()) << "and answers nothing twice";
}

TEST_F(JsonRpcPublish, a_notification_publishes_without_an_answer) {
  ask({{"jsonrpc", "2.0"}, {"method", "publish"}, {"params", {{"event", {{"message", "x"}}}}}});
  EXPECT_TRUE(heard().empty());
  EXPECT_EQ(host_.events().size(), 1U);
}

}  // namespace
}  // namespace picket::pipe_server

// SPDX-License-Identifier: Apache-2.0
//
// The protocol on a connection of the test's own: requests and answers, errors, batches, calls.
#include "rpc_fixture.hpp"

namespace picket::pipe_server {
namespace {

using ::testing::HasSubstr;

class JsonRpcTest : public RpcTest {};

TEST_F(JsonRpcTest, hello_says_who_is_there_and_what_they_may) {
  ask(1, "hello", {{"client", "test"}});
  const Json answer = heard_one();
  EXPECT_EQ(answer["id"], 1);
  EXPECT_EQ(answer["result"]["daemon"], "picket");
  EXPECT_EQ(answer["result"]["protocol"], 1);
  EXPECT_EQ(answer["result"]["peer"]["uid"], 0);
  EXPECT_EQ(answer["result"]["rights"], Json({"read", "publish", "control"}));
}

struct Mistake {
  const char* line;
  int code;
  const char* part;  // of the message
  // What the test is listed as.
  friend void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.line; }
};

class JsonRpcMistakes : public RpcTest, public ::testing::WithParamInterface<Mistake> {};

TEST_P(JsonRpcMistakes, has_its_number_and_a_reason_and_costs_only_itself) {
  say(std::string(GetParam().line) + "\n");
  Json answer = heard_one();
  if (answer.is_array()) answer = answer[0];
  EXPECT_EQ(answer["error"]["code"], GetParam().code) << answer.dump();
  EXPECT_THAT(answer["error"]["message"].get<std::string>(), HasSubstr(GetParam().part));
  ask(2, "hello");
  EXPECT_EQ(heard_one()["id"], 2);
}

INSTANTIATE_TEST_SUITE_P(
    all, JsonRpcMistakes,
    ::testing::Values(
        Mistake{"{", -32700, "byte"}, Mistake{"hello", -32700, "byte 0"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"hello"} x)", -32700, "byte 42"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"hello","params":{"client":[1,,2]}})", -32700, "byte"},
        Mistake{R"({"jsonrpc":"2.0","id":-,"method":"hello"})", -32700, "byte 23"},
        Mistake{R"({"jsonrpc":"2.0","id":"\q","method":"hello"})", -32700, "byte"}, Mistake{"17", -32600, "neither"},
        Mistake{"[]", -32600, "empty"}, Mistake{"[1]", -32600, "no object"},
        Mistake{R"({"id":1,"method":"hello"})", -32600, "jsonrpc"},
        Mistake{R"({"jsonrpc":"1.0","id":1,"method":"hello"})", -32600, "jsonrpc"},
        Mistake{R"({"jsonrpc":"2.0","id":1})", -32600, "method"},
        Mistake{R"({"jsonrpc":"2.0","id":[1],"method":"hello"})", -32600, "id"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"helo"})", -32601, "did you mean `hello`"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"hello","params":[1]})", -32602, "no object"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"hello","params":{"cleint":"x"}})", -32602,
                "did you mean `client`"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"hello","params":{"client":5}})", -32602, "no text"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"call","params":{"instance":"a"}})", -32602,
                "`command` is missing"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"call","params":{"instance":"a","command":"b","args":1}})", -32602,
                "args"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"call","params":{"instance":"a","command":"b","timeout":"soon"}})",
                -32602, "timeout"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"publish","params":{}})", -32602, "either `event`"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"publish","params":{"events":{}}})", -32602, "no list"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"publish","params":{"event":5}})", -32602, "event"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"publish","params":{"event":{},"ack":1}})", -32602, "ack"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"unsubscribe","params":{"subscription":7}})", -32003,
                "subscription"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"unsubscribe"})", -32602, "subscription"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"from":[5]}})", -32602, "from"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"queue":{"bytes":0}}})", -32602,
                "queue/bytes"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"queue":{"size":1}}})", -32602, "queue/size"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"cancel","params":{"id":{}}})", -32602, "id"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"counter.add","params":{"name":"1x"}})", -32602, "name"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"counter.add","params":{"name":"x","value":-1}})", -32602,
                "negative"},
        Mistake{R"({"jsonrpc":"2.0","id":1,"method":"counter.set","params":{"name":"x"}})", -32602,
                "`value` is missing"},
        Mistake{
            R"({"jsonrpc":"2.0","id":1,"method":"counter.set","params":{"name":"x","value":1,"attributes":{"k":1}}})",
            -32602, "attributes/k"}));

TEST_F(JsonRpcTest, the_byte_of_what_is_no_json_is_named) {
  say("{\"jsonrpc\":\"2.0\",\"id\":1,,}\n");
  EXPECT_EQ(heard_one()["error"]["data"]["byte"], 24);
}

TEST_F(JsonRpcTest, a_nesting_without_end_is_refused) {
  say(R"({"jsonrpc":"2.0","id":1,"method":"call","params":{"instance":"a","command":"b","args":{"x":)" +
      std::string(200, '[') + std::string(200, ']') + "}}}\n");
  EXPECT_EQ(heard_one()["error"]["code"], -32602);
}

TEST_F(JsonRpcTest, a_line_over_the_limit_ends_the_connection_and_says_why) {
  listener_.limits.message = 100;
  say(std::string(200, ' ') + "\n");
  const Json answer = heard_one();
  EXPECT_EQ(answer["error"]["code"], -32005);
  EXPECT_EQ(answer["error"]["data"]["limit"], "limits.message");
  EXPECT_EQ(connection_->closed, CloseReason::malformed);
}

TEST_F(JsonRpcTest, what_comes_in_pieces_is_one_request) {
  say(R"({"jsonrpc":"2.0","id":1,)");
  EXPECT_TRUE(heard().empty());
  say("\"method\":\"hello\"}\r\n");
  EXPECT_EQ(heard_one()["id"], 1);
}

TEST_F(JsonRpcTest, a_notification_is_not_answered) {
  ask({{"jsonrpc", "2.0"}, {"method", "counter.add"}, {"params", {{"name", "hits"}}}});
  ask({{"jsonrpc", "2.0"}, {"method", "no.such"}});
  EXPECT_TRUE(heard().empty());
  EXPECT_EQ(services_->counters.rows().at(0).value, 1);
}

TEST_F(JsonRpcTest, ids_come_back_as_they_were_written) {
  say(R"({"jsonrpc":"2.0","id":"a\u00e9\n","method":"hello"})"
      "\n");
  EXPECT_EQ(heard_one()["id"], "a\u00e9\n");
  say(R"({"jsonrpc":"2.0","id":1.50,"method":"hello"})"
      "\n");
  EXPECT_THAT(connection_->sent, HasSubstr("\"id\":1.50,"));
}

TEST_F(JsonRpcTest, an_array_is_answered_by_one_array_when_all_are_done) {
  open();
  say(R"([{"jsonrpc":"2.0","id":1,"method":"commands"},{"jsonrpc":"2.0","id":2,"method":"hello"},)"
      R"({"jsonrpc":"2.0","method":"hello"},{"id":3}])"
      "\n");
  EXPECT_TRUE(heard().empty()) << "the first is not answered yet";
  reply("[]");
  const Json answer = heard_one();
  ASSERT_EQ(answer.size(), 3U);
  EXPECT_EQ(answer[0]["id"], 2);
  EXPECT_EQ(answer[1]["error"]["code"], -32600);
  EXPECT_EQ(answer[2]["id"], 1);
}

TEST_F(JsonRpcTest, an_array_of_notifications_is_answered_by_nothing) {
  say(R"([{"jsonrpc":"2.0","method":"hello"}])"
      "\n");
  EXPECT_TRUE(heard().empty());
}

// --- calls
// --------------------------------------------------------------------------------------------------------------

TEST_F(JsonRpcTest, a_call_reaches_the_instance_with_its_argument_and_deadline) {
  ask(1, "call", {{"instance", "jobs"}, {"command", "restart"}, {"args", {{"program", "web"}}}, {"timeout", "1.5s"}});
  know_commands();
  ASSERT_EQ(host_.calls().size(), 1U);
  const auto call = host_.calls().front();
  EXPECT_EQ(call.instance, "jobs");
  EXPECT_EQ(call.command, "restart");
  EXPECT_EQ(call.args_json, R"({"program":"web"})");
  EXPECT_EQ(call.timeout_ns, 1'500'000'000);
  reply("{\"restarted\":\n1}");
  EXPECT_EQ(heard_one()["result"]["restarted"], 1);
}

TEST_F(JsonRpcTest, answers_come_in_the_order_in_which_they_are_ready) {
  ask(1, "call", {{"instance", "jobs"}, {"command", "restart"}});
  know_commands();
  ask(2, "call", {{"instance", "picket"}, {"command", "status"}});
  host_.answer_call(host_.calls().back().id, PICKET_OK, "{}");
  loop_->run_ready();
  EXPECT_EQ(heard_one()["id"], 2);
  reply("{}");
  EXPECT_EQ(heard_one()["id"], 1);
}

TEST_F(JsonRpcTest, the_failures_of_commands_have_numbers_of_their_own) {
  const std::vector<std::pair<picket_status, int>> kinds{
      {PICKET_FAILED, -32011}, {PICKET_INVALID, -32602}, {PICKET_NOT_FOUND, -32003}, {PICKET_TIMEOUT, -32004},
      {PICKET_LIMIT, -32005},  {PICKET_DENIED, -32001},  {PICKET_REFUSED, -32011}};
  bool first = true;
  for (const auto& [status, code] : kinds) {
    ask(1, "call", {{"instance", "jobs"}, {"command", "restart"}});
    if (std::exchange(first, false)) know_commands();
    reply("because", status);
    const Json answer = heard_one();
    EXPECT_EQ(answer["error"]["code"], code);
    EXPECT_EQ(answer["error"]["message"], "because");
    EXPECT_TRUE(answer["error"]["data"]["status"].is_string());
  }
}

TEST_F(JsonRpcTest, a_call_that_nobody_answers_times_out) {
  ask(1, "call", {{"instance", "jobs"}, {"command", "restart"}, {"timeout", 2'000'000'000}});
  know_commands();
  host_.advance(std::chrono::seconds(3));
  loop_->run_ready();
  EXPECT_EQ(heard_one()["error"]["code"], -32004);
}

TEST_F(JsonRpcTest, a_call_can_be_cancelled) {
  ask(1, "call", {{"instance", "jobs"}, {"command", "restart"}});
  know_commands();
  ask(2, "cancel", {{"id", 1}});
  const auto answers = heard();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0]["id"], 1);
  EXPECT_EQ(answers[0]["error"]["code"], -32004);
  EXPECT_EQ(answers[1]["result"]["cancelled"], true);
  EXPECT_TRUE(host_.calls().empty()) << "the instance is told";
  ask(3, "cancel", {{"id", 1}});
  EXPECT_EQ(heard_one()["result"]["cancelled"], false);
}

TEST_F(JsonRpcTest, what_a_client_called_is_taken_back_when_it_leaves) {
  ask(1, "call", {{"instance", "jobs"}, {"command", "restart"}});
  know_commands();
  session_->closed(CloseReason::gone);
  EXPECT_TRUE(host_.calls().empty());
}

TEST_F(JsonRpcTest, a_client_that_leaves_before_its_call_was_made_is_forgotten) {
  ask(1, "call", {{"instance", "jobs"}, {"command", "restart"}});
  session_->closed(CloseReason::gone);
  session_.reset();
  know_commands();
  EXPECT_TRUE(host_.calls().empty());
}

TEST_F(JsonRpcTest, too_many_open_requests_stop_the_reading_until_one_is_answered) {
  listener_.limits.requests = 2;
  ask(1, "commands");
  ask(2, "commands");
  ask(3, "hello");
  EXPECT_TRUE(connection_->held());
  EXPECT_TRUE(heard().empty());
  reply("[]");
  EXPECT_FALSE(connection_->held());
  session_->resumed();
  loop_->run_ready();
  const auto answers = heard();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[1]["id"], 3);
}

TEST_F(JsonRpcTest, a_half_closed_client_still_gets_its_answers_and_then_the_end) {
  ask(1, "commands");
  EXPECT_FALSE(session_->input_ended());
  EXPECT_FALSE(connection_->closed);
  reply("[]");
  EXPECT_EQ(heard_one()["id"], 1);
  EXPECT_EQ(connection_->closed, CloseReason::done);
}

TEST_F(JsonRpcTest, commands_can_be_listed_of_one_instance) {
  ask(1, "commands", {{"instance", "jobs"}});
  know_commands();
  const Json answer = heard_one();
  ASSERT_EQ(answer["result"].size(), 1U);
  EXPECT_EQ(answer["result"][0]["command"], "restart");
}

// --- counters
// -----------------------------------------------------------------------------------------------------------

TEST_F(JsonRpcTest, counters_of_outside_programs_stand_beside_those_of_instances) {
  ask(1, "counter.add", {{"name", "shop.orders"}, {"value", 2}, {"attributes", {{"region", "eu"}}}});
  ask(2, "counter.time", {{"name", "shop.checkout"}, {"value", 0.5}});
  heard();
  ask(3, "counters");
  EXPECT_EQ(host_.calls().front().args_json, R"({"detail":true})");
  reply(R"([{"instance":"door","name":"open","unit":"{connection}","instrument":"gauge","help":"","value":3}])");
  const Json all = heard_one()["result"]["counters"];
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0]["instance"], "door");
  EXPECT_EQ(all[1]["value"]["sum"], 0.5);
  EXPECT_EQ(all[2]["attributes"]["region"], "eu");
  ask(4, "openmetrics");
  reply("[]");
  EXPECT_THAT(heard_one()["result"]["text"].get<std::string>(), HasSubstr("shop_orders_total{region=\"eu\"} 2\n"));
}

}  // namespace
}  // namespace picket::pipe_server

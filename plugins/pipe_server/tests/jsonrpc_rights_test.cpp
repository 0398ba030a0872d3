// SPDX-License-Identifier: Apache-2.0
//
// Rights on a connection, and the audit trail.
#include "rpc_fixture.hpp"

namespace picket::pipe_server {
namespace {

using ::testing::HasSubstr;

class JsonRpcRights : public RpcTest {
 protected:
  JsonRpcRights() { open_as(54321, 54321); }
};

TEST_F(JsonRpcRights, whoever_may_open_the_socket_reads_and_publishes) {
  ask(1, "call", {{"instance", "picket"}, {"command", "status"}});
  know_commands();
  reply("{}");
  EXPECT_TRUE(heard_one().contains("result"));
  ask(2, "publish", {{"event", {{"message", "x"}}}});
  EXPECT_TRUE(heard_one().contains("result"));
  EXPECT_TRUE(host_.os_log_records().empty()) << "nothing to audit";
}

TEST_F(JsonRpcRights, control_is_refused_and_audited) {
  ask(1, "call", {{"instance", "jobs"}, {"command", "restart"}});
  know_commands();
  const Json answer = heard_one();
  EXPECT_EQ(answer["error"]["code"], -32001);
  EXPECT_EQ(answer["error"]["data"]["right"], "control");
  EXPECT_TRUE(host_.calls().empty());
  const auto events = host_.events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, "audit");
  EXPECT_EQ(events[0].severity, PICKET_SEVERITY_WARNING);
  EXPECT_EQ(events[0].text("audit.outcome"), "refused");
  EXPECT_EQ(events[0].text("audit.instance"), "jobs");
  EXPECT_EQ(events[0].text("audit.command"), "restart");
  EXPECT_EQ(events[0].integer("peer.uid"), 54321);
  EXPECT_EQ(events[0].integer("peer.pid"), 4711);
  const auto records = host_.os_log_records();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].message_id.size(), 32U);
  EXPECT_THAT(records[0].message, HasSubstr("was refused control: call jobs restart"));
  EXPECT_EQ(host_.counter("audit.refused"), 1);
}

TEST_F(JsonRpcRights, a_rule_gives_control_and_its_use_is_audited) {
  settings_.access = {{"54321", "", "jobs", {"re*"}, {}}};
  open();
  ask(1, "call", {{"instance", "jobs"}, {"command", "restart"}});
  know_commands();
  ASSERT_EQ(host_.calls().size(), 1U);
  reply("{}");
  EXPECT_TRUE(heard_one().contains("result"));
  ASSERT_EQ(host_.events().size(), 1U);
  EXPECT_EQ(host_.events()[0].text("audit.outcome"), "requested");
  EXPECT_THAT(host_.os_log_records().at(0).message, HasSubstr("user 54321"));
}

TEST_F(JsonRpcRights, what_is_not_there_is_no_refusal) {
  ask(1, "call", {{"instance", "jobs"}, {"command", "explode"}});
  know_commands();
  EXPECT_EQ(heard_one()["error"]["code"], -32003);
  EXPECT_TRUE(host_.events().empty());
}

TEST_F(JsonRpcRights, subscribing_needs_the_right_to_read_those_instances) {
  settings_.access = {{"", "", "secret", {}, {"read"}}};
  open();
  ask(1, "subscribe", {{"from", {"host", "secret"}}});
  EXPECT_EQ(heard_one()["error"]["code"], -32001);
  EXPECT_TRUE(host_.subscriptions().empty());
  ask(2, "subscribe", {{"from", "host"}});
  EXPECT_TRUE(heard_one().contains("result"));
}

TEST_F(JsonRpcRights, publishing_can_be_denied) {
  settings_.access = {{"", "", "", {}, {"publish"}}};
  open();
  ask(1, "publish", {{"event", {{"message", "x"}}}});
  ask(2, "counter.add", {{"name", "x"}});
  const auto answers = heard();
  ASSERT_EQ(answers.size(), 2U);
  for (const Json& answer : answers) EXPECT_EQ(answer["error"]["code"], -32001);
  EXPECT_TRUE(services_->counters.rows().empty());
}

TEST_F(JsonRpcRights, audit_events_wait_while_the_queues_are_full) {
  host_.busy_until_ready();
  ask(1, "call", {{"instance", "jobs"}, {"command", "restart"}});
  know_commands();
  ask(2, "call", {{"instance", "jobs"}, {"command", "restart"}});
  loop_->run_ready();
  host_.ready();
  loop_->run_ready();
  EXPECT_EQ(host_.events().size(), 2U);
  EXPECT_EQ(host_.os_log_records().size(), 2U);
}

}  // namespace
}  // namespace picket::pipe_server

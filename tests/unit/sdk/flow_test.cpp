// SPDX-License-Identifier: Apache-2.0
//
// Flow control both ways: BUSY and acknowledgements for a source, PENDING and done for a sink.
#include "test_plugin.hpp"

namespace picket::testing {
namespace {

// Keeps a batch that met BUSY and offers it again when there is room.
class Patient : public Tracked<Patient>, public Source {
 public:
  using Tracked::Tracked;
  void on_ready(Name port) override {
    ready_ports.emplace_back(host().text(port));
    if (waiting) offer(port, 0);
  }
  void acknowledged(std::uint64_t token, picket_status status) override { answers.emplace_back(token, status); }

  picket_status make(Name port, std::uint64_t token) {
    waiting = Batch(host(), 1, 0, 0);
    waiting->add(kind);
    return offer(port, token);
  }
  picket_status offer(Name port, std::uint64_t token) {
    const picket_status status = waiting->emit(port, token);
    if (status == PICKET_OK) waiting.reset();
    return status;
  }

  Name kind = host().name("log"), alerts = host().name("alerts");
  std::optional<Batch> waiting;
  std::vector<std::string> ready_ports;
  std::vector<std::pair<std::uint64_t, picket_status>> answers;
};

class SourceTest : public ::testing::Test {
 protected:
  SourceTest() { EXPECT_TRUE(host.start().ok()); }
  Patient& plugin() { return *Patient::last; }
  FakeHost host{type_of<Patient>()};
};

TEST_F(SourceTest, a_busy_batch_stays_with_the_plugin_until_there_is_room) {
  host.busy_until_ready();
  EXPECT_EQ(plugin().make(plugin().alerts, 0), PICKET_BUSY);
  EXPECT_EQ(host.emitted().size(), 0U);
  host.ready();
  EXPECT_EQ(plugin().ready_ports, std::vector<std::string>{"alerts"});
  ASSERT_EQ(host.emitted().size(), 1U);
  EXPECT_EQ(host.emitted()[0].port, "alerts");
  EXPECT_EQ(host.live_batches(), 0);
}

TEST_F(SourceTest, busy_can_last_a_number_of_emits) {
  host.busy_for(2);
  EXPECT_EQ(plugin().make({}, 0), PICKET_BUSY);
  EXPECT_EQ(plugin().offer({}, 0), PICKET_BUSY);
  EXPECT_EQ(plugin().offer({}, 0), PICKET_OK);
}

TEST_F(SourceTest, each_token_is_answered_once) {
  EXPECT_EQ(plugin().make({}, 7), PICKET_OK);
  EXPECT_EQ(plugin().make({}, 8), PICKET_OK);
  EXPECT_EQ(host.tokens(), (std::vector<std::uint64_t>{7, 8}));
  EXPECT_TRUE(host.acknowledge(8, PICKET_DROPPED));
  EXPECT_FALSE(host.acknowledge(8));
  host.acknowledge_all();
  const std::vector<std::pair<std::uint64_t, picket_status>> expected{{8, PICKET_DROPPED}, {7, PICKET_OK}};
  EXPECT_EQ(plugin().answers, expected);
  EXPECT_TRUE(host.tokens().empty());
}

TEST_F(SourceTest, a_token_that_is_still_open_is_refused) {
  EXPECT_EQ(plugin().make({}, 7), PICKET_OK);
  EXPECT_EQ(plugin().make({}, 7), PICKET_INVALID);
  EXPECT_TRUE(host.logged(PICKET_LOG_ERROR, "token 7 is still open"));
}

TEST_F(SourceTest, nothing_is_taken_after_stop) {
  host.stop();
  EXPECT_EQ(plugin().make({}, 0), PICKET_CANCELLED);
}

// Keeps every delivery.
class Keeper : public Tracked<Keeper>, public Sink {
 public:
  using Tracked::Tracked;
  picket_status consume(const Delivery& delivery) override {
    if (delivery[0].severity() == Severity::debug) return PICKET_BUSY;
    if (delivery[0].severity() == Severity::critical) throw Failure("cannot take it", PICKET_REFUSED);
    kept.push_back(delivery);
    if (at_once) delivery.done(PICKET_OK);
    return PICKET_PENDING;
  }
  void idle() override { ++idles; }
  std::vector<Delivery> kept;
  bool at_once = false;
  int idles = 0;
};

class SinkTest : public ::testing::Test {
 protected:
  SinkTest() { EXPECT_TRUE(host.start().ok()); }
  Keeper& plugin() { return *Keeper::last; }
  FakeHost host{type_of<Keeper>()};
};

TEST_F(SinkTest, a_pending_delivery_stays_readable_until_it_is_done) {
  const Delivered delivered = host.deliver({{.kind = "log", .fields = {{"a", "kept text"}}}, {.kind = "log"}});
  EXPECT_EQ(delivered.status, PICKET_PENDING);
  EXPECT_EQ(host.pending(), 1U);
  EXPECT_FALSE(host.done(delivered.ticket));
  ASSERT_EQ(plugin().kept.size(), 1U);
  EXPECT_EQ(plugin().kept[0][0].find("a")->text(), "kept text");
  const std::uint32_t refused[] = {1};
  plugin().kept[0].done(PICKET_OK, refused);
  ASSERT_TRUE(host.done(delivered.ticket));
  EXPECT_EQ(host.done(delivered.ticket)->refused, std::vector<std::uint32_t>{1});
  EXPECT_EQ(host.pending(), 0U);
  EXPECT_EQ(host.live_batches(), 0);
}

TEST_F(SinkTest, only_the_first_done_counts) {
  const std::uint64_t ticket = host.deliver({{.kind = "log"}}).ticket;
  plugin().host().done(ticket, PICKET_BUSY);
  plugin().host().done(ticket, PICKET_OK);
  plugin().host().done(12'345, PICKET_OK);
  EXPECT_EQ(host.done(ticket)->status, PICKET_BUSY);
  EXPECT_FALSE(host.done(12'345));
}

TEST_F(SinkTest, done_may_come_while_consume_runs) {
  plugin().at_once = true;
  const Delivered delivered = host.deliver({{.kind = "log"}});
  EXPECT_EQ(delivered.status, PICKET_PENDING);
  EXPECT_EQ(host.done(delivered.ticket)->status, PICKET_OK);
}

TEST_F(SinkTest, busy_keeps_nothing) {
  EXPECT_EQ(host.deliver({{.kind = "log", .severity = PICKET_SEVERITY_DEBUG}}).status, PICKET_BUSY);
  EXPECT_EQ(host.live_batches(), 0);
}

TEST_F(SinkTest, an_exception_refuses_the_delivery_and_is_logged) {
  EXPECT_EQ(host.deliver({{.kind = "log", .severity = PICKET_SEVERITY_CRITICAL}}).status, PICKET_REFUSED);
  EXPECT_TRUE(host.logged(PICKET_LOG_ERROR, "consume: cannot take it"));
  EXPECT_EQ(host.live_batches(), 0);
}

TEST_F(SinkTest, idle_reaches_the_plugin) {
  host.idle();
  EXPECT_EQ(plugin().idles, 1);
}

TEST_F(SinkTest, an_instance_that_is_destroyed_with_a_pending_delivery_leaks_no_batch) {
  host.deliver({{.kind = "log"}});
  host.destroy();
  EXPECT_EQ(host.live_batches(), 0);
}

}  // namespace
}  // namespace picket::testing

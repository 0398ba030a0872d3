// SPDX-License-Identifier: Apache-2.0
//
// What the fake host remembers of a plugin that breaks its contract.
#include <gmock/gmock.h>

#include "test_plugin.hpp"

namespace picket::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Does through the C table what the wrapper would not let it.
class Rude : public Tracked<Rude>, public Sink {
 public:
  using Tracked::Tracked;
  picket_status consume(const Delivery& delivery) override {
    for (int i = 0; i < finishes; ++i) c()->done(c()->self, delivery.ticket(), PICKET_OK, refused, refusals);
    return answer;
  }
  const picket_host* c() const { return host().c(); }
  picket_batch* batch() const {
    picket_batch* made = c()->batch_new(c()->self, 1, 1, 0);
    picket_batch_event(made, c()->intern(c()->self, picket_str_of("event", 5)));
    return made;
  }

  int finishes = 0;
  const std::uint32_t* refused = nullptr;
  std::uint32_t refusals = 0;
  picket_status answer = PICKET_OK;
};

class Misuse : public ::testing::Test {
 protected:
  Misuse() { EXPECT_TRUE(host.start().ok()); }
  Rude& plugin() { return *Rude::last; }
  FakeHost host{type_of<Rude>()};
};

TEST_F(Misuse, a_good_life_has_none) {
  picket_batch* batch = plugin().batch();
  EXPECT_EQ(plugin().c()->emit(plugin().c()->self, 0, batch, 7), PICKET_OK);
  host.deliver({{.kind = "log"}});
  plugin().answer = PICKET_PENDING;
  plugin().finishes = 1;
  host.deliver({{.kind = "log"}});
  host.stop();
  host.destroy();
  EXPECT_THAT(host.misuses(), IsEmpty());
}

TEST_F(Misuse, an_emit_after_stop_is_remembered_once) {
  host.stop();
  for (int i = 0; i < 3; ++i) {
    picket_batch* batch = plugin().batch();
    EXPECT_EQ(plugin().c()->emit(plugin().c()->self, 0, batch, 0), PICKET_CANCELLED);
    plugin().c()->batch_release(plugin().c()->self, batch);
  }
  EXPECT_THAT(host.misuses(), ElementsAre("emit() after stop() had returned"));
}

TEST_F(Misuse, a_batch_that_is_broken_or_gone_is_not_taken) {
  picket_batch* batch = plugin().batch();
  picket_field* const fields = batch->fields;
  batch->fields = nullptr;
  EXPECT_EQ(plugin().c()->emit(plugin().c()->self, 0, batch, 0), PICKET_INVALID);
  batch->fields = fields;
  batch->events[0].field_count = 9;
  EXPECT_EQ(plugin().c()->emit(plugin().c()->self, 0, batch, 0), PICKET_INVALID);
  plugin().c()->batch_release(plugin().c()->self, batch);
  plugin().c()->batch_release(plugin().c()->self, batch);
  EXPECT_THAT(host.misuses(), ElementsAre(HasSubstr("pointer or a capacity"), HasSubstr("malformed batch"),
                                          HasSubstr("released already")));
  EXPECT_EQ(host.live_batches(), 0);
}

TEST_F(Misuse, a_delivery_is_finished_once_and_only_when_it_is_pending) {
  plugin().answer = PICKET_PENDING;
  plugin().finishes = 2;
  host.deliver({{.kind = "log"}});
  EXPECT_THAT(host.misuses(), ElementsAre("done() was called twice for one delivery"));
  plugin().answer = PICKET_OK;
  plugin().finishes = 1;
  host.deliver({{.kind = "log"}});
  plugin().answer = 42;
  plugin().finishes = 0;
  host.deliver({{.kind = "log"}});
  EXPECT_THAT(host.misuses(), ElementsAre(HasSubstr("twice"), HasSubstr("did not answer with PENDING"),
                                          HasSubstr("consume() answered 42")));
}

TEST_F(Misuse, refused_positions_must_be_in_the_delivery) {
  const std::uint32_t positions[] = {0, 5};
  plugin().answer = PICKET_PENDING;
  plugin().finishes = 1;
  plugin().refused = positions;
  plugin().refusals = 2;
  const Delivered delivered = host.deliver({{.kind = "log"}});
  EXPECT_THAT(host.misuses(), ElementsAre(HasSubstr("positions")));
  EXPECT_EQ(host.done(delivered.ticket)->refused, std::vector<std::uint32_t>{0});
}

TEST_F(Misuse, a_reply_belongs_to_an_open_call) {
  const auto* commands =
      static_cast<const picket_host_commands*>(plugin().c()->extension(plugin().c()->self, PICKET_EXT_COMMANDS));
  commands->reply(plugin().c()->self, 99, PICKET_OK, picket_str_of("no json", 7));
  EXPECT_THAT(host.misuses(), ElementsAre(HasSubstr("no JSON"), HasSubstr("answered already, or never made")));
}

TEST_F(Misuse, nothing_is_called_after_destroy) {
  const picket_host* const c = host.table();
  host.destroy();
  c->monotonic_ns(c->self);
  EXPECT_THAT(host.misuses(), ElementsAre(HasSubstr("after destroy()")));
}

TEST(EmitHook, runs_on_the_thread_of_the_plugin_before_the_batch_is_taken) {
  int seen = 0;
  FakeHost* reach = nullptr;
  Options options;
  options.on_emit = [&] { seen += reach->emitted().empty() ? 1 : 100; };
  FakeHost host(type_of<Rude>(), "{}", options);
  reach = &host;
  ASSERT_TRUE(host.start().ok());
  Rude& plugin = *Rude::last;
  EXPECT_EQ(plugin.c()->emit(plugin.c()->self, 0, plugin.batch(), 0), PICKET_OK);
  EXPECT_EQ(seen, 1);
}

}  // namespace
}  // namespace picket::testing

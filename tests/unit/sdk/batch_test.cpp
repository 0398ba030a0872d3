// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "test_plugin.hpp"

namespace picket::testing {
namespace {

class Producer : public Tracked<Producer> {
 public:
  using Tracked::Tracked;
  Name kind = host().name("metric"), key = host().name("value"), other = host().name("other");
};

class BatchTest : public ::testing::Test {
 protected:
  BatchTest() { EXPECT_TRUE(host.start().ok()); }
  Producer& plugin() { return *Producer::last; }
  Event only_event() {
    auto events = host.take_events();
    EXPECT_EQ(events.size(), 1U);
    return events.empty() ? Event{} : events[0];
  }

  FakeHost host{type_of<Producer>(), "{}", {.instance = "maker"}};
};

TEST_F(BatchTest, every_type_of_value_arrives_as_it_was_set) {
  Batch batch(plugin().host(), 1, 16, 256);
  const auto name = [&](const char* text) { return plugin().host().name(text); };
  batch.add(plugin().kind)
      .set(name("yes"), true)
      .set(name("int"), -3)
      .set(name("double"), 0.5)
      .set(name("literal"), "text")
      .set(name("string"), std::string("more"))
      .set(name("name"), plugin().kind)
      .set_bytes(name("bytes"), std::string_view("\0\1", 2))
      .set_json(name("json"), "[1,2]")
      .severity(Severity::warning)
      .time(42)
      .source(name("elsewhere"));
  ASSERT_EQ(batch.emit(), PICKET_OK);
  const Event event = only_event();
  EXPECT_EQ(event.kind, "metric");
  EXPECT_EQ(event.time_ns, 42);
  EXPECT_EQ(event.source, "elsewhere");
  EXPECT_EQ(event.severity, PICKET_SEVERITY_WARNING);
  const std::map<std::string, Value> expected{{"yes", true},
                                              {"int", std::int64_t{-3}},
                                              {"double", 0.5},
                                              {"literal", "text"},
                                              {"string", "more"},
                                              {"name", "metric"},
                                              {"bytes", Bytes{std::string("\0\1", 2)}},
                                              {"json", Json{"[1,2]"}}};
  EXPECT_EQ(event.fields, expected);
}

TEST_F(BatchTest, the_host_stamps_what_the_plugin_leaves_open) {
  Batch batch(plugin().host(), 1, 0, 0);
  batch.add(plugin().kind);
  ASSERT_EQ(batch.emit(), PICKET_OK);
  const Event event = only_event();
  EXPECT_EQ(event.time_ns, host.wall_ns());
  EXPECT_EQ(event.source, "maker");
  EXPECT_EQ(event.sequence, 1U);
}

TEST_F(BatchTest, an_event_that_does_not_fit_is_taken_back_whole) {
  Batch batch(plugin().host(), 2, 3, 8);
  EXPECT_TRUE(batch.add(plugin().kind).set(plugin().key, 1));
  // The second has room for two fields, not for the text of its last.
  EXPECT_FALSE(batch.add(plugin().kind).set(plugin().key, 2).set(plugin().other, "longer than eight"));
  EXPECT_EQ(batch.size(), 1U);
  EXPECT_TRUE(batch.add(plugin().kind).set(plugin().key, 3).set(plugin().other, "fits"));
  EXPECT_FALSE(batch.add(plugin().kind)) << "no room for a third event";
  ASSERT_EQ(batch.emit(), PICKET_OK);
  const auto events = host.events();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].integer("value"), 1);
  EXPECT_EQ(events[1].integer("value"), 3);
}

TEST_F(BatchTest, a_builder_of_an_earlier_event_changes_nothing) {
  Batch batch(plugin().host(), 2, 4, 0);
  auto first = batch.add(plugin().kind);
  auto second = batch.add(plugin().kind);
  first.set(plugin().key, 1);
  EXPECT_FALSE(first);
  second.set(plugin().key, 2);
  EXPECT_TRUE(second);
  ASSERT_EQ(batch.emit(), PICKET_OK);
  EXPECT_EQ(host.events()[0].fields.size(), 0U);
  EXPECT_EQ(host.events()[1].integer("value"), 2);
}

TEST_F(BatchTest, a_key_from_outside_is_not_interned) {
  const std::size_t before = host.names().size();
  Batch batch(plugin().host(), 1, 1, 64);
  EXPECT_TRUE(batch.add(plugin().kind).set_untrusted("chosen by a peer", 5));
  ASSERT_EQ(batch.emit(), PICKET_OK);
  EXPECT_EQ(only_event().integer("chosen by a peer"), 5);
  EXPECT_EQ(host.names().size(), before + 1) << "only the instance's own name";
}

TEST_F(BatchTest, a_key_from_outside_that_is_too_long_takes_the_event_back) {
  Batch batch(plugin().host(), 1, 1, 100'000);
  EXPECT_FALSE(batch.add(plugin().kind).set_untrusted(std::string(65'536, 'k'), 5));
  EXPECT_TRUE(batch.empty());
}

TEST_F(BatchTest, an_unsigned_value_beyond_the_range_becomes_the_largest) {
  Batch batch(plugin().host(), 1, 1, 0);
  batch.add(plugin().kind).set(plugin().key, std::numeric_limits<std::uint64_t>::max());
  ASSERT_EQ(batch.emit(), PICKET_OK);
  EXPECT_EQ(only_event().integer("value"), std::numeric_limits<std::int64_t>::max());
}

TEST_F(BatchTest, a_batch_that_is_not_emitted_is_given_back) {
  {
    Batch kept(plugin().host(), 1, 1, 0);
    Batch moved = std::move(kept);
    kept = Batch(plugin().host(), 2, 2, 0);
    EXPECT_EQ(host.live_batches(), 2);
  }
  EXPECT_EQ(host.live_batches(), 0);
}

TEST_F(BatchTest, an_emitted_batch_is_empty_and_not_emitted_twice) {
  Batch batch(plugin().host(), 1, 0, 0);
  batch.add(plugin().kind);
  ASSERT_EQ(batch.emit(), PICKET_OK);
  EXPECT_FALSE(batch);
  EXPECT_FALSE(batch.add(plugin().kind));
  EXPECT_EQ(batch.emit(), PICKET_INVALID);
  EXPECT_EQ(host.emitted().size(), 1U);
  EXPECT_EQ(host.live_batches(), 0);
}

TEST_F(BatchTest, capacities_over_the_hosts_limit_are_an_error) {
  EXPECT_THROW(Batch(plugin().host(), 65'537, 0, 0), Failure);
  EXPECT_THROW(Batch(plugin().host(), 1, 1'048'577, 0), Failure);
  EXPECT_THROW(Batch(plugin().host(), 1, 1, (64U << 20U) + 1), Failure);
}

TEST_F(BatchTest, the_host_refuses_a_malformed_batch_and_says_why) {
  Batch batch(plugin().host(), 1, 1, 4);
  batch.add(plugin().kind).set(plugin().key, "text");
  batch.c()->fields[0].value.ref.offset = 4;
  EXPECT_EQ(batch.emit(), PICKET_INVALID);
  EXPECT_TRUE(batch) << "still the plugin's";
  EXPECT_TRUE(host.logged(PICKET_LOG_ERROR, "event 0 field 0 has a value outside of the heap"));
  batch.c()->fields[0].value.ref.offset = 0;
  batch.c()->fields[0].key = PICKET_KEY_INLINE | 3U;
  EXPECT_EQ(batch.emit(), PICKET_INVALID);
  batch.c()->fields[0].key = plugin().key.id;
  batch.c()->events[0].field_count = 2;
  EXPECT_EQ(batch.emit(), PICKET_INVALID);
  batch.c()->events[0].field_count = 1;
  EXPECT_EQ(batch.emit(), PICKET_OK);
}

}  // namespace
}  // namespace picket::testing

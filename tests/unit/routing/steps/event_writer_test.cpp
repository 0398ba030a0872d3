// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/event_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "step_harness.hpp"

namespace picket::routing {
namespace {

using ::testing::ElementsAre;

struct CountingOutput final : Output {
  void pass(const Events& /*in*/, std::span<const std::uint32_t> /*indices*/) override {}
  void pass(const Events& /*in*/) override {}
  void add(BatchRef batch) override { counts.push_back(batch->event_count); }
  std::vector<std::uint32_t> counts;
};

TEST(EventWriter, copies_an_event_with_every_kind_of_field) {
  Names names;
  LineOutput out(names);
  TestBatch batch(names);
  batch.event("log", "door", PICKET_SEVERITY_WARNING).at(5).integer("a", -1).real("b", 0.5).boolean("c", true);
  batch.name("d", "n").text("e", "x y").null("f").inline_integer("odd key", 7).heap("g", PICKET_TYPE_JSON, "[1]");
  EventWriter writer(out);
  writer.copy(batch.raw(), batch.last());
  writer.flush();
  EXPECT_THAT(out.take(), ElementsAre(R"(log door 5@5 a=-1 b=0.5 c=true d="n" e="x y" f=null odd key=7 g=[1])"));
}

TEST(EventWriter, writes_events_of_its_own) {
  Names names;
  LineOutput out(names);
  EventWriter writer(out);
  picket_event& event = writer.begin(names.intern("alert"));
  event.severity = PICKET_SEVERITY_ERROR;
  EXPECT_TRUE(writer.set_text(names.intern("message"), "no room"));
  EXPECT_TRUE(writer.set("new key", names, Value::real(2)));
  EXPECT_TRUE(writer.set_json("message", names, "{}"));
  writer.begin(names.intern("log"));
  writer.flush();
  EXPECT_THAT(out.take(), ElementsAre(R"(alert  6@0 message="no room" new key=2.0 message={})", "log  0@0"));
  EXPECT_EQ(names.find("new key"), 0U) << "what a peer chose is not interned";
}

TEST(EventWriter, writes_keys_into_the_batch_without_asking_for_their_names) {
  Names names;
  LineOutput out(names);
  EventWriter writer(out);
  writer.begin(names.intern("log"));
  EXPECT_TRUE(writer.set_inline("a", Value::integer(1)));
  EXPECT_TRUE(writer.set_inline_json("b", "[1]"));
  EXPECT_FALSE(writer.set_inline("", Value::integer(1)));
  EXPECT_FALSE(writer.set_inline_json(std::string(70'000, 'k'), "1"));
  writer.flush();
  EXPECT_THAT(out.take(), ElementsAre("log  0@0 a=1 b=[1]"));
}

TEST(EventWriter, a_full_batch_is_handed_on_and_the_next_one_begun) {
  Names names;
  CountingOutput out;
  EventWriter writer(out);
  for (std::uint32_t i = 0; i < kMaxBatchEvents + 1; ++i) writer.begin(names.intern("log"));
  writer.flush();
  EXPECT_THAT(out.counts, ElementsAre(kMaxBatchEvents, 1U));
}

TEST(EventWriter, what_does_not_fit_into_any_batch_is_left_out_and_told) {
  Names names;
  LineOutput out(names);
  EventWriter writer(out);
  writer.begin(names.intern("log"));
  const std::string large(kMaxBatchBytes, 'x');
  EXPECT_TRUE(writer.set_text(names.intern("a"), "kept"));
  EXPECT_FALSE(writer.set_text(names.intern("b"), large));
  EXPECT_TRUE(writer.truncated());
  EXPECT_FALSE(writer.set(std::string(70'000, 'k'), names, Value::integer(1)));
  writer.flush();
  EXPECT_THAT(out.take(), ElementsAre(R"(log  0@0 a="kept")"));
}

TEST(EventWriter, writes_no_batch_without_events) {
  CountingOutput out;
  EventWriter writer(out);
  writer.flush();
  EXPECT_TRUE(out.counts.empty());
}

}  // namespace
}  // namespace picket::routing

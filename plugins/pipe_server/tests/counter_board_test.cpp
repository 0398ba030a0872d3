// SPDX-License-Identifier: Apache-2.0
//
// Counters of outside programs: what is taken, and what goes on the bus.
#include "rpc_fixture.hpp"

namespace picket::pipe_server {
namespace {

using UpdateKind = CounterUpdate::Kind;

class CounterBoardTest : public RpcTest {
 protected:
  CounterBoard& board() {
    if (!session_) open();
    return services_->counters;
  }
  std::optional<CounterProblem> update(UpdateKind kind, const std::string& name, double value,
                                       CounterAttributes attributes = {}) {
    return board().update({kind, name, "", "Says what", value, std::move(attributes)});
  }
};

TEST_F(CounterBoardTest, adds_sets_and_times) {
  EXPECT_FALSE(update(UpdateKind::add, "hits", 2));
  EXPECT_FALSE(update(UpdateKind::add, "hits", 3));
  EXPECT_FALSE(update(UpdateKind::set, "level", -4));
  EXPECT_FALSE(update(UpdateKind::time, "took", 0.5));
  EXPECT_FALSE(update(UpdateKind::time, "took", 1.5));
  const auto rows = board().rows();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].value, 5);
  EXPECT_EQ(rows[1].value, -4);
  EXPECT_EQ(rows[2].count, 2U);
  EXPECT_EQ(rows[2].value, 2.0);
  EXPECT_EQ(rows[2].minimum, 0.5);
  EXPECT_EQ(rows[2].maximum, 1.5);
}

TEST_F(CounterBoardTest, each_interval_their_values_are_metrics_on_the_bus) {
  update(UpdateKind::add, "hits", 2, {{"page", "home"}});
  update(UpdateKind::time, "took", 0.5);
  host_.advance(std::chrono::nanoseconds(settings_.counter_interval_ns));
  loop_->run_ready();
  const auto events = host_.take_events();
  ASSERT_EQ(events.size(), 5U);
  EXPECT_EQ(events[0].kind, "metric");
  EXPECT_EQ(events[0].text("name"), "hits");
  EXPECT_EQ(events[0].number("value"), 2);
  EXPECT_EQ(events[0].text("page"), "home");
  EXPECT_EQ(events[1].text("name"), "took.count");
  EXPECT_EQ(events[2].text("name"), "took.sum");
  EXPECT_EQ(events[3].text("name"), "took.min");
  EXPECT_EQ(host_.described("hits")->instrument, PICKET_INSTRUMENT_COUNTER);
  EXPECT_EQ(host_.described("took.sum")->unit, "s");
  EXPECT_EQ(host_.described("hits")->help, "Says what");
  // A round without a time has no smallest and no largest.
  host_.advance(std::chrono::nanoseconds(settings_.counter_interval_ns));
  loop_->run_ready();
  EXPECT_EQ(host_.take_events().size(), 3U);
}

TEST_F(CounterBoardTest, one_name_is_of_one_kind) {
  update(UpdateKind::add, "hits", 1);
  const auto problem = update(UpdateKind::set, "hits", 1, {{"a", "b"}});
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->path, "/name");
  EXPECT_THAT(problem->message, ::testing::HasSubstr("for `add`"));
}

TEST_F(CounterBoardTest, series_and_names_have_limits) {
  settings_.counters = 2;
  settings_.counter_names = 1;
  EXPECT_FALSE(update(UpdateKind::add, "a", 1));
  const auto names = update(UpdateKind::add, "b", 1);
  ASSERT_TRUE(names);
  EXPECT_EQ(names->status, PICKET_LIMIT);
  EXPECT_EQ(names->path, "counters.names");
  EXPECT_FALSE(update(UpdateKind::add, "a", 1, {{"k", "1"}}));
  const auto series = update(UpdateKind::add, "a", 1, {{"k", "2"}});
  ASSERT_TRUE(series);
  EXPECT_EQ(series->path, "counters.series");
  EXPECT_FALSE(update(UpdateKind::add, "a", 1)) << "what is there goes on";
  EXPECT_EQ(host_.counter("counters.over_limit"), 2);
}

TEST_F(CounterBoardTest, refuses_what_is_no_counter) {
  EXPECT_TRUE(update(UpdateKind::add, "", 1));
  EXPECT_TRUE(update(UpdateKind::add, std::string(201, 'a'), 1));
  EXPECT_TRUE(update(UpdateKind::add, "a b", 1));
  EXPECT_TRUE(update(UpdateKind::set, "a", std::numeric_limits<double>::infinity()));
  EXPECT_TRUE(update(UpdateKind::time, "a", -0.1));
  EXPECT_TRUE(update(UpdateKind::add, "a", 1, {{"k", std::string(257, 'x')}}));
  CounterAttributes many;
  for (int i = 0; i < 17; ++i) many["k" + std::to_string(i)] = "v";
  EXPECT_TRUE(update(UpdateKind::add, "a", 1, many));
  EXPECT_TRUE(board().rows().empty());
}

TEST_F(CounterBoardTest, a_full_queue_costs_a_round_and_no_value) {
  update(UpdateKind::add, "hits", 1);
  host_.busy_until_ready();
  board().publish();
  loop_->run_ready();
  board().publish();
  loop_->run_ready();
  host_.ready();
  loop_->run_ready();
  update(UpdateKind::add, "hits", 1);
  board().publish();
  loop_->run_ready();
  EXPECT_EQ(host_.events().back().number("value"), 2);
}

}  // namespace
}  // namespace picket::pipe_server

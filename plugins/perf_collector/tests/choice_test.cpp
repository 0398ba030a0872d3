// SPDX-License-Identifier: Apache-2.0
//
// What is wanted: globs over names, items that come and go, and metrics that are left out of every group alike.
#include "choice.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "groups.hpp"
#include "items.hpp"
#include "rows.hpp"
#include "scan.hpp"
#include "support.hpp"

namespace picket::perf_collector {
namespace {

TEST(Choice, exclude_wins_over_include_and_nothing_lets_everything_in) {
  EXPECT_TRUE(Choice{}.wants("sda"));
  const Choice choice{{"sd*", "nvme*"}, {"sdb"}};
  EXPECT_TRUE(choice.wants("sda"));
  EXPECT_TRUE(choice.wants("nvme0n1"));
  EXPECT_FALSE(choice.wants("sdb"));
  EXPECT_FALSE(choice.wants("vda"));
}

TEST(Items, are_decided_once_for_as_long_as_they_stay) {
  Items items({{}, {"loop*"}});
  int asked = 0;
  const auto also = [&asked](std::string_view name) {
    ++asked;
    return name != "sda1";
  };
  for (int i = 0; i < 3; ++i) {
    items.begin();
    EXPECT_TRUE(items.wants("sda", also));
    EXPECT_FALSE(items.wants("sda1", also));
    EXPECT_FALSE(items.wants("loop0", also));
    EXPECT_EQ(items.end(), 0U);
  }
  EXPECT_EQ(asked, 2) << "a name that the globs leave out is not asked about";
  items.begin();
  EXPECT_EQ(items.end(), 0U);  // all have gone
  items.begin();
  EXPECT_TRUE(items.wants("sda", also));
  EXPECT_EQ(asked, 3);
}

TEST(Items, are_found_in_another_order_and_beside_new_ones) {
  Items items({{"a*", "c"}, {}});
  items.begin();
  for (const char* name : {"a1", "b", "c"}) items.wants(name);
  items.end();
  items.begin();
  EXPECT_TRUE(items.wants("c"));
  EXPECT_TRUE(items.wants("a2"));
  EXPECT_FALSE(items.wants("b"));
  EXPECT_TRUE(items.wants("a1"));
  EXPECT_EQ(items.end(), 0U);
}

TEST(Items, beyond_the_limit_are_left_out_and_counted_until_there_is_room) {
  Items items({{}, {"x"}}, 2);
  items.begin();
  EXPECT_TRUE(items.wants("a"));
  EXPECT_FALSE(items.wants("x"));
  EXPECT_TRUE(items.wants("b"));
  EXPECT_FALSE(items.wants("c"));
  EXPECT_FALSE(items.wants("d"));
  EXPECT_EQ(items.end(), 2U);
  items.begin();
  EXPECT_TRUE(items.wants("c"));
  EXPECT_EQ(items.end(), 0U);
}

constexpr Metric kBytes{"test.bytes", "By", PICKET_INSTRUMENT_COUNTER, 0, "A test."};
constexpr Metric kSeconds{"test.seconds", "s", PICKET_INSTRUMENT_GAUGE, 2, "A test."};

TEST(SampleRow, scales_numbers_and_carries_its_attributes) {
  test::World world;
  SampleRow({&kBytes, {{{"direction", "in"}, {"type", "major"}}}, 1024}, world.vocabulary).add(3, world.samples);
  SampleRow({&kSeconds, {}, 1, 2}, world.vocabulary).add(1'262'984, world.samples);
  const std::map<std::string, double> expected{{"test.bytes{direction=in,type=major}", 3072},
                                               {"test.seconds", 12629.84}};
  EXPECT_EQ(world.values(), expected);
}

TEST(SampleRow, a_counter_beyond_the_signed_range_wraps_and_is_no_fault) {
  test::World world;
  SampleRow({&kBytes}, world.vocabulary).add(counter_value(UINT64_MAX), world.samples);
  EXPECT_EQ(world.values().at("test.bytes"), -1);
}

TEST(Samples, a_metric_that_is_not_wanted_is_passed_over_with_its_attributes) {
  test::World world;
  const Choice choice{{}, {"test.b*"}};
  std::size_t kept = 0;
  const Vocabulary fewer = world.vocabulary.only(choice, kept);
  const picket_name left_out = fewer.metric(kBytes);
  const picket_name wanted = fewer.metric(kSeconds);
  const picket_name key = world.vocabulary.name("key");
  EXPECT_EQ(left_out, 0U);
  EXPECT_EQ(kept, 1U);
  world.samples.add(left_out, 1.0).set(key, key).set_number(key, 2).set_text(key, "text");
  EXPECT_EQ(world.samples.field_count(), 0U);
  EXPECT_EQ(world.samples.byte_count(), 0U);
  world.samples.add(wanted, 1.0).set_number(key, 2);
  world.samples.add(left_out, std::int64_t{5}).set_text(key, "text");
  EXPECT_EQ(world.values(), (std::map<std::string, double>{{"test.seconds{key=2}", 1}}));
}

TEST(Scanner, reads_decimal_numbers_as_whole_ones_of_their_last_place) {
  std::int64_t number = 0;
  const auto read = [&number](std::string_view text, int decimals) { return Scanner(text).fixed(decimals, number); };
  EXPECT_TRUE(read("5.22 x", 2));
  EXPECT_EQ(number, 522);
  EXPECT_TRUE(read("  7", 2));
  EXPECT_EQ(number, 700);
  EXPECT_TRUE(read("0.129", 2));
  EXPECT_EQ(number, 12);
  EXPECT_TRUE(read("9", 0));
  EXPECT_EQ(number, 9);
  for (const char* bad : {"", ".", "-1", "1.2.3", "1e3", "99999999999999999999"}) EXPECT_FALSE(read(bad, 2)) << bad;
}

Settings one_group(Choice metrics) {
  Settings settings;
  settings.interval_ns = test::kSecond;
  settings.memory = {test::kSecond, {}, std::move(metrics)};
  return settings;
}

TEST(Groups, leave_out_the_metrics_that_the_settings_do_not_want) {
  test::World world;
  Groups groups(one_group({{"system.memory.*"}, {"*.usage"}}), this_machine(), world.vocabulary);
  world.samples.begin(1);
  groups.collect_all(1, world.samples);
  const auto values = world.values();
  EXPECT_TRUE(values.contains("system.memory.limit"));
  EXPECT_TRUE(values.contains("system.memory.utilization{system.memory.state=free}"));
  EXPECT_FALSE(values.contains("system.memory.usage{system.memory.state=free}"));
}

TEST(Groups, without_any_metric_left_are_refused_with_their_name) {
  test::World world;
  try {
    Groups groups(one_group({{"system.memroy.*"}, {}}), this_machine(), world.vocabulary);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()),
              "groups.memory.metrics: leaves no metric of this group; remove the group, or let some of them in");
  }
}

TEST(Groups, whose_choice_of_metrics_changed_are_made_anew) {
  test::World world;
  Groups old(one_group({}), this_machine(), world.vocabulary);
  Groups next(one_group({{}, {"*.limit"}}), this_machine(), world.vocabulary);
  next.adopt(old);
  world.samples.begin(1);
  next.collect_all(1, world.samples);
  EXPECT_FALSE(world.values().contains("system.memory.limit"));
}

}  // namespace
}  // namespace picket::perf_collector

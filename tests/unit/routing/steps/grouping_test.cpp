// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/grouping.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "routing/steps/deadlines.hpp"
#include "routing/steps/group_table.hpp"
#include "step_harness.hpp"

namespace picket::routing {
namespace {

using ::testing::ElementsAre;

class GroupingTest : public ::testing::Test {
 protected:
  static nlohmann::json series() { return nlohmann::json::object(); }
  static nlohmann::json by(std::initializer_list<const char*> keys) {
    return {{"by", std::vector<std::string>(keys.begin(), keys.end())}};
  }

  std::string key(Grouping& grouping) {
    GroupKey made;
    return grouping.key_of(batch.raw(), batch.last(), made) ? std::string(made.bytes) : "none";
  }
  // What an event that is made from a key looks like.
  std::vector<std::string> written(const std::string& key, picket_name except = 0) {
    LineOutput out(names);
    EventWriter writer(out);
    picket_event& event = writer.begin(Grouping::kind(key));
    event.source = Grouping::source(key);
    event.severity = Grouping::severity(key);
    Grouping::write(key, writer, names, except);
    writer.flush();
    return out.take();
  }

  Names names;
  TestBatch batch{names};
};

TEST_F(GroupingTest, a_series_is_source_name_and_attributes_in_any_order_without_value_and_process_id) {
  Grouping grouping(series(), names);
  batch.event("metric", "host").name("name", "x").real("value", 1).name("cpu.mode", "user").integer("pid", 7);
  const std::string first = key(grouping);
  batch.event("metric", "host").integer("pid", 8).text("cpu.mode", "user").real("value", 2).text("name", "x");
  EXPECT_EQ(key(grouping), first);
  EXPECT_THAT(written(first), ElementsAre(R"(metric host 0@0 name="x" cpu.mode="user")"));
  EXPECT_THAT(written(first, names.find("name")), ElementsAre(R"(metric host 0@0 cpu.mode="user")"));
  batch.event("metric", "other").name("name", "x").real("value", 1).name("cpu.mode", "user");
  EXPECT_NE(key(grouping), first) << "another source";
  batch.event("metric", "host").name("name", "x").name("cpu.mode", "idle");
  EXPECT_NE(key(grouping), first) << "another attribute";
}

TEST_F(GroupingTest, keys_of_peers_are_ordered_by_text) {
  Grouping grouping(series(), names);
  batch.event("metric", "door").inline_integer("zebra", 1).inline_integer("ape", 2).name("name", "x");
  const std::string first = key(grouping);
  batch.event("metric", "door").name("name", "x").inline_integer("ape", 2).inline_integer("zebra", 1);
  EXPECT_EQ(key(grouping), first);
  EXPECT_THAT(written(first), ElementsAre(R"(metric door 0@0 name="x" ape=2 zebra=1)"));
}

TEST_F(GroupingTest, an_event_that_is_no_metric_has_no_attributes_as_a_series) {
  Grouping grouping(series(), names);
  batch.event("log", "door").text("message", "one");
  const std::string first = key(grouping);
  batch.event("log", "door").text("message", "two");
  EXPECT_EQ(key(grouping), first);
}

TEST_F(GroupingTest, groups_go_by_the_parts_and_fields_that_are_named) {
  Grouping grouping(by({"severity", "program", "fields.kind"}), names);
  batch.event("log", "a", PICKET_SEVERITY_ERROR).text("program", "web").text("kind", "k").integer("other", 1);
  const std::string first = key(grouping);
  batch.event("metric", "b", PICKET_SEVERITY_ERROR).name("program", "web").name("kind", "k").integer("other", 2);
  EXPECT_EQ(key(grouping), first);
  EXPECT_THAT(written(first), ElementsAre(R"(  6@0 program="web" kind="k")"));
  batch.event("log", "a", PICKET_SEVERITY_ERROR).text("program", "web").null("kind");
  EXPECT_THAT(written(key(grouping)), ElementsAre(R"(  6@0 program="web")"));
}

TEST_F(GroupingTest, every_type_of_value_comes_back_and_whole_numbers_are_one) {
  Grouping grouping(by({"a", "b", "c", "d", "e"}), names);
  batch.event("log").integer("a", -5).real("b", 0.5).boolean("c", true).heap("d", PICKET_TYPE_JSON, "[1]");
  batch.heap("e", PICKET_TYPE_BYTES, "xy");
  const std::string first = key(grouping);
  EXPECT_THAT(written(first), ElementsAre("  0@0 a=-5 b=0.5 c=true d=[1] e=\"xy\""));
  batch.event("log").real("a", -5).real("b", 0.5).boolean("c", true).heap("d", PICKET_TYPE_JSON, "[1]");
  batch.heap("e", PICKET_TYPE_BYTES, "xy");
  EXPECT_EQ(key(grouping), first);
}

TEST_F(GroupingTest, elements_are_parts_and_fields_as_expressions_name_them) {
  const auto key_of = [&](std::string_view element) {
    const auto checked = Grouping::check_element(element, names);
    return checked ? "key " + checked.value() : std::to_string(checked.error().offset);
  };
  EXPECT_EQ(key_of("source"), "key ");
  EXPECT_EQ(key_of("cpu.mode"), "key cpu.mode");
  EXPECT_EQ(key_of("fields.time"), "key time");
  EXPECT_EQ(key_of("`odd key`"), "key odd key");
  EXPECT_EQ(key_of("fields['odd key']"), "key odd key");
  for (const char* wrong : {"time", "odd-key", "lower(name)", "5", "fields['a'] == fields['b']"})
    EXPECT_EQ(key_of(wrong), "0");
  EXPECT_EQ(key_of("odd key"), "4");
}

TEST_F(GroupingTest, an_event_with_too_long_a_key_has_no_group) {
  Grouping grouping(by({"a"}), names);
  batch.event("log").text("a", std::string(Grouping::kMaxKeyBytes, 'x'));
  EXPECT_EQ(key(grouping), "none");
}

TEST(GroupTableTest, does_what_a_map_with_an_order_does) {
  GroupTable<int> table(100);
  std::map<std::string, int> values;
  std::vector<std::string> order;
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = "key" + std::to_string(random() % 150);
    const GroupKey key = make_group_key(text);
    const std::uint32_t index = table.find(key);
    ASSERT_EQ(index != GroupTable<int>::kNone, values.contains(text));
    const auto at = std::find(order.begin(), order.end(), text);
    if (index == GroupTable<int>::kNone) {
      const std::uint32_t added = table.add(key);
      ASSERT_EQ(added == GroupTable<int>::kNone, values.size() == 100);
      if (added == GroupTable<int>::kNone) continue;
      ASSERT_EQ(table[added], 0) << "as new";
      table[added] = values[text] = round + 1;
      order.push_back(text);
    } else if (random() % 2 == 0) {
      table.remove(index);
      values.erase(text);
      order.erase(at);
    } else {
      ASSERT_EQ(table[index], values[text]);
      table.touch(index);
      order.erase(at);
      order.push_back(text);
    }
  }
  std::vector<std::string> seen;
  for (std::uint32_t i = table.first(); i != GroupTable<int>::kNone; i = table.after(i))
    seen.emplace_back(table.key(i));
  EXPECT_EQ(seen, order);
  table.clear();
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(table.find(make_group_key("key1")), GroupTable<int>::kNone);
}

TEST(DeadlinesTest, the_earliest_comes_first_and_a_later_wish_changes_nothing) {
  Deadlines deadlines;
  std::map<std::uint32_t, std::int64_t> wanted;
  std::mt19937 random(11);
  for (int round = 0; round < 20'000; ++round) {
    const std::uint32_t group = random() % 50;
    const std::int64_t at = random() % 1'000;
    if (random() % 4 == 0) {
      deadlines.forget(group);
      wanted.erase(group);
    } else if (random() % 4 == 0) {
      const std::uint32_t taken = deadlines.take(at);
      const auto first = std::min_element(wanted.begin(), wanted.end(),
                                          [](const auto& a, const auto& b) { return a.second < b.second; });
      ASSERT_EQ(taken != Deadlines::kNone, first != wanted.end() && first->second <= at);
      if (taken == Deadlines::kNone) continue;
      ASSERT_EQ(wanted.at(taken), first->second);
      wanted.erase(taken);
    } else {
      deadlines.ask(group, at);
      const auto [found, added] = wanted.try_emplace(group, at);
      if (!added) found->second = std::min(found->second, at);
    }
  }
  deadlines.ask(60, Deadlines::kNever);
  std::size_t left = 0;
  while (deadlines.take(1'000) != Deadlines::kNone) ++left;
  EXPECT_EQ(left, wanted.size());
  EXPECT_EQ(deadlines.next(), Deadlines::kNever);
}

}  // namespace
}  // namespace picket::routing

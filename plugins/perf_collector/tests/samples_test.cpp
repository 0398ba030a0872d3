// SPDX-License-Identifier: Apache-2.0
//
// Rows of a tick, faults, and the vocabulary.
#include "samples.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "faults.hpp"
#include "support.hpp"

namespace picket::perf_collector {
namespace {

constexpr Metric kMetric{"test.metric", "By", PICKET_INSTRUMENT_GAUGE, 0, "A test."};

TEST(Samples, rows_have_name_value_and_attributes_in_this_order) {
  test::World world;
  const picket_name metric = world.vocabulary.metric(kMetric);
  world.samples.begin(77);
  world.samples.add(metric, std::int64_t{5}).set(world.vocabulary.name("mode"), world.vocabulary.name("idle"));
  world.samples.add(metric, 0.5)
      .set_number(world.vocabulary.name("core"), 3)
      .set_text(world.vocabulary.name("who"), "x");

  const picket_batch batch = world.samples.view();
  ASSERT_EQ(batch.event_count, 2U);
  EXPECT_EQ(batch.events[0].time_ns, 77);
  EXPECT_EQ(world.vocabulary.text(batch.events[0].kind), "metric");
  EXPECT_EQ(world.vocabulary.text(batch.fields[0].key), "name");
  EXPECT_EQ(world.vocabulary.text(batch.fields[1].key), "value");
  const std::map<std::string, double> expected{{"test.metric{mode=idle}", 5}, {"test.metric{core=3,who=x}", 0.5}};
  EXPECT_EQ(world.values(), expected);
}

TEST(Samples, begin_forgets_the_last_tick) {
  test::World world;
  const picket_name metric = world.vocabulary.metric(kMetric);
  world.samples.begin(1);
  world.samples.add(metric, 1.0).set_text(metric, "text");
  world.samples.begin(2);
  EXPECT_EQ(world.samples.event_count(), 0U);
  EXPECT_EQ(world.samples.field_count(), 0U);
  EXPECT_EQ(world.samples.byte_count(), 0U);
  world.samples.add(metric, 1.0);
  EXPECT_EQ(world.samples.view().events[0].time_ns, 2);
}

TEST(Samples, json_names_unit_and_attributes_and_survives_names_that_are_no_utf8) {
  test::World world;
  const picket_name metric = world.vocabulary.metric(kMetric);
  world.samples.begin(9);
  world.samples.add(metric, std::int64_t{1} << 40)
      .set_text(world.vocabulary.name("who"),
                "a\xff"
                "b");
  const auto json = nlohmann::json::parse(world.samples.to_json());
  EXPECT_EQ(json.at("time_ns"), 9);
  const auto& row = json.at("metrics").at(0);
  EXPECT_EQ(row.at("name"), "test.metric");
  EXPECT_EQ(row.at("unit"), "By");
  EXPECT_EQ(row.at("value"), std::int64_t{1} << 40);
  EXPECT_EQ(row.at("attributes").at("who"),
            "a\xEF\xBF\xBD"
            "b");
}

TEST(Vocabulary, a_full_table_is_an_error_that_names_the_text) {
  test::NamesHost host;
  const Vocabulary vocabulary(&host.table);
  host.room = host.texts.size();
  EXPECT_NO_THROW(vocabulary.name("metric"));
  try {
    vocabulary.name("one too many");
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("one too many"), std::string::npos);
  }
}

struct Told {
  bool failing;
  std::string message;
  bool operator==(const Told&) const = default;
};

std::vector<Told> changes(Faults& faults) {
  std::vector<Told> told;
  faults.tell_changes([&told](bool failing, const std::string& message) { told.push_back({failing, message}); });
  return told;
}

TEST(Faults, a_failure_in_a_row_is_told_once_counted_each_time_and_its_end_told_once) {
  Faults faults;
  const auto a = faults.add("a");
  const auto b = faults.add("b");
  faults.bad(a, "no such file");
  faults.good(b);
  EXPECT_EQ(changes(faults), (std::vector<Told>{{true, "a: no such file"}}));
  faults.bad(a, "something else");
  EXPECT_TRUE(changes(faults).empty());
  EXPECT_EQ(faults.take_count(), 2U);
  EXPECT_EQ(faults.take_count(), 0U);
  EXPECT_EQ(faults.message(), "a: no such file");
  faults.good(a);
  EXPECT_EQ(changes(faults), (std::vector<Told>{{false, "a: readable again"}}));
  EXPECT_EQ(faults.message(), "");
  EXPECT_TRUE(changes(faults).empty());
}

TEST(Faults, the_message_lists_all_that_fails) {
  Faults faults;
  faults.bad(faults.add("a"), "x");
  faults.good(faults.add("b"));
  faults.bad(faults.add("c"), "y");
  EXPECT_EQ(faults.message(), "a: x; c: y");
}

}  // namespace
}  // namespace picket::perf_collector

// SPDX-License-Identifier: Apache-2.0
//
// Filters over whole batches.
#include <gtest/gtest.h>

#include <vector>

#include "test_batch.hpp"

namespace picket::routing {
namespace {

class FilterSelect : public testing::Test {
 protected:
  FilterSelect() {
    for (int index = 0; index < 100; ++index) {
      batch_.event(index % 3 == 0 ? "log" : "metric", "", static_cast<std::uint32_t>(index % 10));
      if (index % 4 != 0) batch_.integer("value", index);
      batch_.text("message", index % 5 == 0 ? "Five" : "other");
    }
  }

  Filter filter(std::string_view text) { return Filter::compile(text, names_).value(); }

  std::vector<std::uint32_t> select(const Filter& filter) {
    std::vector<std::uint32_t> selection(batch_.raw().event_count);
    selection.resize(filter.select(batch_.raw(), selection.data()));
    return selection;
  }

  // The same by asking for each event.
  std::vector<std::uint32_t> matching(const Filter& filter) {
    std::vector<std::uint32_t> selection;
    for (std::uint32_t index = 0; index < batch_.raw().event_count; ++index) {
      if (filter.matches(batch_.raw(), batch_.raw().events[index])) selection.push_back(index);
    }
    return selection;
  }

  Names names_;
  TestBatch batch_{names_};
};

TEST_F(FilterSelect, gives_the_matching_events_in_order) {
  EXPECT_EQ(select(filter("kind == 'log' and value > 80")), (std::vector<std::uint32_t>{81, 87, 90, 93, 99}));
}

TEST_F(FilterSelect, selects_what_matches_says_of_each_event) {
  for (const std::string_view text :
       {"true", "false", "missing", "value", "kind == 'log'", "kind != 'log'", "kind == 'log' and value > 50",
        "value > 50 or kind == 'log'", "not (value > 50)", "severity >= warning", "severity in [error, debug]",
        "message like 'F*' and value < 60", "message matches '^o'", "lower(message) == 'five' and value > 10",
        "exists value", "not exists value and kind in ['log']", "if exists value then value % 2 == 0 else true",
        "value + 1 > 50 and (message == 'Five' or kind != 'metric')", "kind == 'log' and missing > 1"}) {
    const Filter compiled = filter(text);
    EXPECT_EQ(select(compiled), matching(compiled)) << text;
  }
}

TEST_F(FilterSelect, null_and_values_that_are_no_booleans_do_not_match) {
  EXPECT_TRUE(select(filter("missing")).empty());
  EXPECT_TRUE(select(filter("value")).empty());
  EXPECT_TRUE(select(filter("not (missing > 1)")).empty());
  EXPECT_EQ(select(filter("true")).size(), 100U);
}

TEST_F(FilterSelect, an_empty_batch_selects_nothing) {
  TestBatch empty(names_);
  std::uint32_t untouched = 7;
  EXPECT_EQ(filter("true").select(empty.raw(), &untouched), 0U);
  EXPECT_EQ(untouched, 7U);
}

TEST_F(FilterSelect, narrow_keeps_the_order_of_what_it_is_given) {
  std::vector<std::uint32_t> selection = {99, 3, 90, 4, 6};
  const std::uint32_t kept = filter("kind == 'log' and value > 5").narrow(batch_.raw(), selection.data(), 5);
  selection.resize(kept);
  EXPECT_EQ(selection, (std::vector<std::uint32_t>{99, 90, 6}));
}

TEST_F(FilterSelect, scratch_space_is_used_again_for_each_event) {
  TestBatch batch(names_);
  const std::string text(10'000, 'a');
  for (int index = 0; index < 20; ++index) batch.event("log").text("message", text);
  std::vector<std::uint32_t> selection(20);
  const Filter wants = filter("length(upper(message)) + length(upper(message)) + length(lower(message)) == 30000");
  // Sixty texts of 10,000 bytes are more than one evaluation may use.
  EXPECT_EQ(wants.select(batch.raw(), selection.data()), 20U);
}

TEST_F(FilterSelect, a_copy_outlives_its_original) {
  auto original = std::make_unique<Filter>(filter("kind == 'log'"));
  const Filter copy = *original;
  original.reset();
  EXPECT_EQ(select(copy).size(), 34U);
  EXPECT_EQ(copy.text(), "kind == 'log'");
}

}  // namespace
}  // namespace picket::routing

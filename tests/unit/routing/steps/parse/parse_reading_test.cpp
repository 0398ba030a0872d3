// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "routing/steps/parse/reading.hpp"

namespace picket::routing::parse {
namespace {

TEST(ParseReading, of_many_fields_with_one_key_the_last_stays_and_is_found) {
  Names names;
  Reading reading(names, "", 1'000);
  for (const int count : {3, 500}) {
    reading.begin("", 0);
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(reading.add("key" + std::to_string(i), Value::integer(i)), "");
      ASSERT_EQ(reading.add("same", Value::integer(i)), "");
    }
    reading.finish();
    ASSERT_NE(reading.find(WantedKey("same")), nullptr);
    EXPECT_EQ(reading.find(WantedKey("same"))->value.as_integer(), count - 1);
    EXPECT_EQ(reading.find(WantedKey("key1"))->value.as_integer(), 1);
    EXPECT_EQ(reading.find(WantedKey("absent")), nullptr);
    int kept = 0;
    for (const Reading::Found& found : reading.fields()) kept += found.gone ? 0 : 1;
    EXPECT_EQ(kept, count + 1);
  }
}

TEST(ParseReading, a_field_that_is_gone_is_not_found) {
  Names names;
  Reading reading(names, "", 100);
  for (const int count : {1, 50}) {
    reading.begin("", 0);
    for (int i = 0; i < count; ++i) reading.add("key" + std::to_string(i), Value());
    reading.finish();
    reading.find(WantedKey("key0"))->gone = true;
    EXPECT_EQ(reading.find(WantedKey("key0")), nullptr);
  }
}

TEST(ParseReading, keys_are_bounded_in_number_and_length) {
  Names names;
  Reading reading(names, "p.", 2);
  reading.begin("", 0);
  EXPECT_EQ(reading.add(std::string(254, 'k'), Value()), "a key of more than 255 bytes");
  EXPECT_EQ(reading.add(std::string(253, 'k'), Value()), "");
  EXPECT_EQ(reading.add("a", Value()), "");
  EXPECT_EQ(reading.add("b", Value()), "more fields than max_fields");
  EXPECT_EQ(names.size(), 0U) << "what a peer chose is not interned";
}

TEST(ParseReading, prefixes_come_and_go) {
  Names names;
  Reading reading(names, "p.", 10);
  reading.begin("", 0);
  const std::size_t outside = reading.enter("a");
  reading.enter("b");
  reading.add("c", Value());
  reading.leave(outside);
  reading.add("d", Value());
  reading.finish();
  EXPECT_NE(reading.find(WantedKey("p.a.b.c")), nullptr);
  EXPECT_NE(reading.find(WantedKey("p.d")), nullptr);
  reading.enter("left open by a failure");
  reading.begin("", 0);
  reading.add("e", Value());
  reading.finish();
  EXPECT_NE(reading.find(WantedKey("p.e")), nullptr);
}

TEST(ParseReading, a_key_that_is_interned_later_is_found_at_once) {
  Names names;
  KeyTable table(names);
  EXPECT_EQ(table.find("a", hash_key("a")), 0U);
  EXPECT_EQ(table.find("a", hash_key("a")), 0U);
  const picket_name name = names.intern("a");
  EXPECT_EQ(table.find("a", hash_key("a")), name);
  names.intern("b");
  EXPECT_EQ(table.find("a", hash_key("a")), name);
}

TEST(ParseReading, the_arena_keeps_what_it_gave_until_it_is_cleared) {
  Arena arena;
  const std::string_view small = arena.copy("small");
  const std::string large(Arena::kBlock * 2, 'x');
  EXPECT_EQ(arena.copy(large), large);
  EXPECT_EQ(arena.copy("after"), "after");
  EXPECT_EQ(small, "small");
  arena.clear();
  EXPECT_EQ(arena.copy("again"), "again");
  EXPECT_TRUE(arena.copy("").empty());
}

}  // namespace
}  // namespace picket::routing::parse

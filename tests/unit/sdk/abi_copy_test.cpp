// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <picket/ext/health.h>
#include <picket/ext/sink.h>
#include <array>
#include <picket/abi_copy.hpp>

namespace picket {
namespace {

picket_status consume(void* /*self*/, const picket_delivery* /*delivery*/) {
  return PICKET_OK;
}
void idle(void* /*self*/) {}

TEST(CopyTable, null_gives_an_empty_table) {
  const auto copy = copy_table<picket_sink>(nullptr);
  EXPECT_EQ(copy.size, 0U);
  EXPECT_EQ(copy.consume, nullptr);
}

TEST(CopyTable, members_that_an_older_writer_did_not_know_are_null) {
  const picket_sink theirs{offsetof(picket_sink, idle), 0, consume, idle};
  const auto copy = copy_table(&theirs);
  EXPECT_EQ(copy.consume, &consume);
  EXPECT_EQ(copy.idle, nullptr);
  EXPECT_EQ(copy.size, offsetof(picket_sink, idle));
}

TEST(CopyTable, members_of_a_newer_writer_are_left_out) {
  const picket_sink theirs{sizeof(picket_sink) + 64, 0, consume, idle};
  const auto copy = copy_table(&theirs);
  EXPECT_EQ(copy.idle, &idle);
  EXPECT_EQ(copy.size, sizeof(picket_sink));
}

TEST(CopyTable, no_pointer_is_copied_by_half) {
  const picket_sink theirs{offsetof(picket_sink, idle) + 4, 0, consume, idle};
  EXPECT_EQ(copy_table(&theirs).idle, nullptr);
}

TEST(CopyTable, a_size_of_less_than_the_size_itself_gives_an_empty_table) {
  const picket_sink theirs{3, 0, consume, idle};
  EXPECT_EQ(copy_table(&theirs).size, 0U);
  EXPECT_EQ(copy_table(&theirs).consume, nullptr);
}

TEST(StoreTable, writes_no_further_than_the_callers_room) {
  picket_health theirs{};
  theirs.message[0] = '#';
  theirs.size = offsetof(picket_health, message);
  picket_health ours{sizeof ours, PICKET_HEALTH_BAD, "broken"};
  EXPECT_TRUE(store_table(&theirs, ours));
  EXPECT_EQ(theirs.state, PICKET_HEALTH_BAD);
  EXPECT_EQ(theirs.message[0], '#');
  EXPECT_EQ(theirs.size, offsetof(picket_health, message));
}

TEST(StoreTable, no_room_is_said_and_nothing_written) {
  picket_health theirs{};
  const picket_health ours{sizeof ours, PICKET_HEALTH_BAD, "broken"};
  EXPECT_FALSE(store_table(&theirs, ours));
  EXPECT_FALSE(store_table<picket_health>(nullptr, ours));
  EXPECT_EQ(theirs.state, PICKET_HEALTH_GOOD);
}

}  // namespace
}  // namespace picket

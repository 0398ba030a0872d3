// SPDX-License-Identifier: Apache-2.0
#include "process/backlog_linux.hpp"

#include <gtest/gtest.h>

#include <random>

#include "temporary_folder.hpp"

namespace picket::process {
namespace {

constexpr std::int64_t kMoment = 1'000'000'000;

// Takes what there is: the bytes, with '#' for each that was dropped.
std::string take_all(Backlog& backlog, std::size_t piece = 1'000) {
  std::string all;
  std::uint64_t at = backlog.taken();
  while (const auto taken = backlog.take(piece)) {
    EXPECT_EQ(taken->offset, at);
    EXPECT_LE(taken->data.size(), piece);
    all += std::string(taken->data) + std::string(static_cast<std::size_t>(taken->dropped), '#');
    at += taken->data.size() + taken->dropped;
  }
  return all;
}

TEST(Backlog, gives_back_what_came_in_and_forgets_what_is_acknowledged) {
  Backlog backlog;
  backlog.append("hello ", kMoment);
  backlog.append("world", kMoment);
  EXPECT_EQ(take_all(backlog, 3), "hello world");
  EXPECT_FALSE(backlog.take(10));
  backlog.rewind();
  EXPECT_EQ(take_all(backlog), "hello world");
  backlog.acknowledge(6);
  backlog.rewind();
  EXPECT_EQ(take_all(backlog), "world");
  backlog.acknowledge(11);
  EXPECT_EQ(backlog.memory_used(), 0U);
  backlog.append("!", kMoment);
  EXPECT_EQ(backlog.take(10)->offset, 11U);
}

TEST(Backlog, never_acknowledges_more_than_was_taken) {
  Backlog backlog;
  backlog.append("abc", kMoment);
  backlog.acknowledge(3);
  EXPECT_EQ(take_all(backlog), "abc");
}

TEST(Backlog, goes_to_disk_beyond_its_memory_and_comes_back) {
  const TemporaryFolder folder;
  Backlog backlog;
  backlog.configure({10, 100}, folder.path());
  backlog.append("0123456789", kMoment);
  backlog.append("abcdefghij", kMoment);
  backlog.append("ABC", kMoment);
  EXPECT_EQ(backlog.disk_used(), 13U);
  EXPECT_EQ(take_all(backlog), "0123456789abcdefghijABC");
  backlog.acknowledge(15);
  backlog.rewind();
  EXPECT_EQ(take_all(backlog), "fghijABC");
  backlog.acknowledge(23);
  EXPECT_EQ(backlog.disk_used(), 0U);
  backlog.append("in memory", kMoment);
  EXPECT_EQ(backlog.disk_used(), 0U);
  EXPECT_EQ(take_all(backlog), "in memory");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Backlog, what_finds_no_room_is_a_gap_of_known_size) {
  const TemporaryFolder folder;
  Backlog backlog;
  backlog.configure({4, 8}, folder.path());
  backlog.append("0123", kMoment);
  backlog.append("abcdefgh", kMoment);
  backlog.append("lost", kMoment);
  backlog.append("too", kMoment);
  EXPECT_EQ(backlog.dropped(), 7U);
  EXPECT_EQ(take_all(backlog), "0123abcdefgh#######");
  backlog.acknowledge(19);
  backlog.append("on", kMoment);
  EXPECT_EQ(take_all(backlog), "on");
  EXPECT_EQ(backlog.end(), 21U);
}

TEST(Backlog, without_a_disk_it_drops_at_once) {
  Backlog backlog;
  backlog.configure({4, 0}, "/nowhere");
  backlog.append("0123", kMoment);
  backlog.append("4", kMoment);
  EXPECT_EQ(take_all(backlog), "0123#");
}

TEST(Backlog, goes_on_at_the_offset_that_it_is_given) {
  Backlog backlog;
  backlog.configure({}, "/nowhere", 500);
  backlog.append("x", kMoment);
  EXPECT_EQ(backlog.take(10)->offset, 500U);
}

TEST(Backlog, any_order_of_appending_taking_and_acknowledging_keeps_every_byte) {
  const TemporaryFolder folder;
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    Backlog backlog;
    backlog.configure({200, 1'000}, folder.path());
    std::string wanted, got;
    for (int turn = 0; turn < 400; ++turn) {
      std::string data(random() % 120, static_cast<char>('a' + random() % 26));
      const std::uint64_t dropped = backlog.dropped();
      backlog.append(data, kMoment * turn);
      wanted += backlog.dropped() == dropped ? data : std::string(data.size(), '#');
      for (unsigned takes = random() % 4; takes > 0; --takes) {
        if (const auto piece = backlog.take(1 + random() % 100)) {
          got.resize(static_cast<std::size_t>(piece->offset));
          got += std::string(piece->data) + std::string(static_cast<std::size_t>(piece->dropped), '#');
        }
      }
      if (random() % 3 == 0 && backlog.taken() > backlog.acknowledged()) {
        backlog.acknowledge(backlog.acknowledged() + random() % (backlog.taken() - backlog.acknowledged() + 1));
      }
      if (random() % 20 == 0) backlog.rewind();
    }
    while (const auto piece = backlog.take(64)) {
      got.resize(static_cast<std::size_t>(piece->offset));
      got += std::string(piece->data) + std::string(static_cast<std::size_t>(piece->dropped), '#');
    }
    ASSERT_EQ(got, wanted) << round;
    backlog.acknowledge(backlog.end());
    EXPECT_EQ(backlog.memory_used() + backlog.disk_used(), 0U);
  }
}

}  // namespace
}  // namespace picket::process

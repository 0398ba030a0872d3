// SPDX-License-Identifier: Apache-2.0
//
// Histories of earlier versions, as they were written then (fixtures/), are read as they are and brought up to date by
// the first daemon that writes to them.
#include "store_fixture.hpp"

namespace picket::perf_database {
namespace {

// Version 1: three series every five minutes from kStart on, over two days and two and a half hours; three events. The
// last half hour is hot.
class UpgradeTest : public StoreTest {
 protected:
  UpgradeTest() {
    std::filesystem::create_directories(settings_.directory);
    for (const char* name : {"meta.db", "raw-2024-W40.db", "hot-2024100602.db"}) {
      const std::filesystem::path from = std::filesystem::path(PICKET_FIXTURES) / "history-v1" / name;
      std::filesystem::copy_file(from, settings_.directory / name);
      std::filesystem::permissions(settings_.directory / name, std::filesystem::perms::owner_write,
                                   std::filesystem::perm_options::add);
    }
    now_ = kStart + 2 * kDay + 2 * kHour + 30 * kMinute;
  }
  static constexpr std::size_t kSamples = (2 * 24 * 60 + 150) / 5;
};

TEST_F(UpgradeTest, version_1_is_read_before_any_daemon_touched_it) {
  const auto found = series();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].info.name, "system.cpu.utilization");
  for (const StoredSeries& one : found) {
    const auto raw = points(one.id);
    ASSERT_EQ(raw.size(), kSamples);
    for (const std::int64_t step : {kMinute, kHour, kDay}) {
      expect_same(points(one.id, 0, kForever, step), summed(raw, step));
    }
  }
  EXPECT_EQ(version_of(meta()), 1) << "reading changes nothing";
}

TEST_F(UpgradeTest, version_1_gains_the_minute_tier_and_keeps_everything) {
  const auto uptime = points(3);
  const auto hours = points(1, 0, kForever, kHour);
  open();
  EXPECT_EQ(version_of(meta()), 2);
  EXPECT_EQ(store_->stats()->series, 3U);
  EXPECT_EQ(meta().number("SELECT count(*) FROM events"), 3);
  maintain();
  EXPECT_EQ(files("minute-"), std::set<std::string>{"minute-2024-10.db"});
  EXPECT_EQ(open_for_reading(settings_.directory / "minute-2024-10.db", FileKind::minute)
                .number("SELECT count(*) FROM chunk"),
            6)
      << "three series on two days";
  expect_same(points(3), uptime);
  expect_same(points(3, 0, kForever, kMinute), summed(uptime, kMinute));
  expect_same(points(1, 0, kForever, kHour), hours);
}

TEST_F(UpgradeTest, version_1_goes_on_being_written) {
  open();
  ASSERT_TRUE(put({{"system.uptime", 1e6}}));
  EXPECT_EQ(id("system.uptime"), 3U);
  now_ += 2 * kDay;
  maintain();
  EXPECT_EQ(points(3).size(), kSamples + 1);
  EXPECT_TRUE(files("hot-").empty());
  const EventRow again{kStart + 5 * kHour, "alert", "jobs", 5, "web exited", R"({"code":7})"};
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(store_->append_events(std::span(&again, 1)).ok());
  EXPECT_EQ(meta().number("SELECT count(*) FROM events"), 4);
}

TEST_F(UpgradeTest, a_step_that_is_cut_short_is_done_by_the_next_start) {
  {
    Database database(settings_.directory / kMetaFile, Open::existing);
    Transaction transaction(database, Durability::system);
    database.execute("ALTER TABLE sealed_hour ADD COLUMN minute_done INTEGER NOT NULL DEFAULT 0");
    // The end: rolled back with all of the step.
  }
  open();
  EXPECT_EQ(version_of(meta()), 2);
  maintain();
  EXPECT_EQ(points(3).size(), kSamples);
}

}  // namespace
}  // namespace picket::perf_database

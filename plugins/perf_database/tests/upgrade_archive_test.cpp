// SPDX-License-Identifier: Apache-2.0
//
// Histories that earlier versions wrote, opened by the code of today: every value is there to the last bit, and the
// history goes on. The tests run once for each archive in fixtures/.
#include <map>

#include "store_fixture.hpp"
#include "upgrade_content.hpp"

namespace picket::perf_database {
namespace {

namespace fs = std::filesystem;

using Samples = std::multimap<std::int64_t, std::uint64_t>;  // time -> bits

Samples expected_samples(std::size_t index) {
  Samples samples;
  for (const std::int64_t time : upgrade::times()) {
    if (upgrade::has(index, time)) {
      samples.emplace(time, std::bit_cast<std::uint64_t>(upgrade::value(index, time)));
    }
  }
  return samples;
}

// Where CMake unpacked fixtures/*.tar.gz.
std::vector<std::string> archives() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(PICKET_HISTORY_FIXTURES)) {
    names.push_back(path_text(entry.path().filename()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

class UpgradeArchiveTest : public StoreTest, public ::testing::WithParamInterface<std::string> {
 protected:
  UpgradeArchiveTest() {
    fs::copy(fs::path(PICKET_HISTORY_FIXTURES) / GetParam(), settings_.directory, fs::copy_options::recursive);
    settings_.keep_raw_ns = kForever;
    now_ = upgrade::kLastHour + 35 * kMinute;
  }

  // The series of the content, by index, as this history has them.
  std::vector<StoredSeries> stored() {
    std::vector<StoredSeries> found;
    const std::vector<StoredSeries> all = series();
    EXPECT_EQ(all.size(), upgrade::series().size());
    for (const SeriesInfo& wanted : upgrade::series()) {
      const auto at = std::find_if(all.begin(), all.end(), [&](const StoredSeries& one) {
        return one.info.name == wanted.name && one.info.source == wanted.source && one.info.host == wanted.host &&
               one.info.attributes == wanted.attributes;
      });
      if (at == all.end()) throw std::runtime_error("there is no series " + wanted.name);
      EXPECT_EQ(at->info.unit, wanted.unit);
      EXPECT_EQ(at->info.instrument, wanted.instrument);
      EXPECT_EQ(at->info.decimals, wanted.decimals);
      found.push_back(*at);
    }
    return found;
  }

  void expect_every_value() {
    const std::vector<StoredSeries> all = stored();
    for (std::size_t i = 0; i < all.size(); ++i) {
      Samples found;
      for (const picket_history_point& point : points(all[i].id)) {
        EXPECT_EQ(point.count, 1U);
        found.emplace(point.time_ns, std::bit_cast<std::uint64_t>(point.last));
      }
      EXPECT_EQ(found, expected_samples(i)) << all[i].info.name;
    }
  }
};

TEST_P(UpgradeArchiveTest, every_value_is_there_to_the_last_bit_before_and_after_sealing) {
  open();
  expect_every_value();
  now_ += kDay;
  EXPECT_EQ(maintain(), 1U);
  EXPECT_TRUE(files("hot-").empty());
  expect_every_value();
  EXPECT_EQ(store_->health().state, StoreState::good) << store_->health().message;
}

TEST_P(UpgradeArchiveTest, readers_need_no_daemon_that_opened_it_first) {
  expect_every_value();
}

TEST_P(UpgradeArchiveTest, hours_days_and_events_are_there) {
  open();
  now_ += kDay;
  maintain();
  const std::vector<StoredSeries> all = stored();
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::map<std::int64_t, Aggregate> hours;
    std::map<std::int64_t, Aggregate> days;
    Samples samples = expected_samples(i);
    for (const auto& [time, bits] : samples) {
      hours[floor_to(time, kHour)].add(std::bit_cast<double>(bits));
      days[floor_to(time, kDay)].add(std::bit_cast<double>(bits));
    }
    const auto compare = [&](const std::map<std::int64_t, Aggregate>& sums, std::int64_t span) {
      const auto found = points(all[i].id, 0, kForever, span);
      ASSERT_EQ(found.size(), sums.size()) << all[i].info.name;
      auto sum = sums.begin();
      for (const picket_history_point& point : found) {
        EXPECT_EQ(point.time_ns, sum->first);
        EXPECT_EQ(point.count, sum->second.count) << all[i].info.name;
        EXPECT_EQ(point.minimum, sum->second.minimum);
        EXPECT_EQ(point.maximum, sum->second.maximum);
        EXPECT_EQ(std::bit_cast<std::uint64_t>(point.last), std::bit_cast<std::uint64_t>(sum->second.last));
        ++sum;
      }
    };
    compare(hours, kHour);
    compare(days, kDay);
  }
  const Database database = meta();
  Statement rows =
      database.prepare("SELECT time_ns, kind, source, severity, message, fields FROM events ORDER BY time_ns");
  for (const EventRow& event : upgrade::events()) {
    ASSERT_TRUE(rows.step());
    EXPECT_EQ(rows.integer(0), event.time_ns);
    EXPECT_EQ(rows.text(1), event.kind);
    EXPECT_EQ(rows.text(2), event.source);
    EXPECT_EQ(rows.integer(3), event.severity);
    EXPECT_EQ(rows.text(4), event.message);
    EXPECT_EQ(rows.text(5), event.fields);
  }
  EXPECT_FALSE(rows.step());
}

TEST_P(UpgradeArchiveTest, the_history_goes_on_with_the_same_series) {
  open();
  const std::vector<StoredSeries> before = stored();
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(*store_->resolve(upgrade::series()[i]), before[i].id);
  }
  ASSERT_TRUE(put({{"new", 1}}));
  Tick tick{now_, {{before[4].id, 0.25}}};
  ASSERT_TRUE(store_->append(store_->epoch(), std::span(&tick, 1)).ok());
  ASSERT_TRUE(store_->commit().ok());
  EXPECT_EQ(points(before[4].id).back().last, 0.25);
  EXPECT_EQ(points(id("new")).size(), 1U);
  for (const StoredSeries& one : before) EXPECT_NE(one.id, id("new")) << "ids are never used again";
  // A late sample for an hour that the other version sealed.
  tick.time_ns = upgrade::kBegin + kMinute + 1;
  ASSERT_TRUE(store_->append(store_->epoch(), std::span(&tick, 1)).ok());
  const std::size_t count = points(before[4].id).size();
  now_ += 2 * kHour;
  EXPECT_EQ(maintain(), 2U);
  EXPECT_EQ(points(before[4].id).size(), count);
  EXPECT_EQ(count, expected_samples(4).size() + 2);
}

INSTANTIATE_TEST_SUITE_P(Fixtures, UpgradeArchiveTest, ::testing::ValuesIn(archives()),
                         [](const auto& test) { return "v" + test.param.substr(test.param.find_last_of('v') + 1); });

}  // namespace
}  // namespace picket::perf_database

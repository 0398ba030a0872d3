// SPDX-License-Identifier: Apache-2.0
//
// `verify` and `repair`: what they find, what they bring back, and what they say is lost.
#include <fstream>

#include "power_cut_scenario.hpp"
#include "power_cut_vfs.hpp"
#include "repair.hpp"
#include "store_fixture.hpp"

namespace picket::perf_database {
namespace {

namespace fs = std::filesystem;

class RepairTest : public StoreTest {
 protected:
  ~RepairTest() override { store_.reset(); }

  RepairTest() { settings_.keep_raw_ns = kForever; }

  // `series` series, each minute of `hours` hours, sealed.
  void make_history(int series = 3, int hours = 5) {
    open();
    std::vector<std::pair<std::string, double>> tick;
    for (; now_ < kStart + hours * kHour; now_ += kMinute) {
      tick.clear();
      for (int s = 0; s < series; ++s) tick.emplace_back("s" + std::to_string(s), value_at(now_) + s);
      ASSERT_TRUE(put(tick));
    }
    ASSERT_TRUE(store_->append_events(std::span(&event_, 1)).ok());
    ASSERT_TRUE(store_->commit().ok());
    now_ = kStart + kDay + kHour;
    maintain();
  }

  Verification verify(bool deep = true) {
    Result<Verification> found = verify_history(settings_.directory, {deep, {}, {}});
    EXPECT_TRUE(found.ok()) << (found.ok() ? "" : found.error().message);
    return found.ok() ? *found : Verification{};
  }
  CheckedFile checked(const std::string& prefix) {
    for (const CheckedFile& file : verify().files) {
      if (file.file.starts_with(prefix)) return file;
    }
    ADD_FAILURE() << "no file " << prefix;
    return {};
  }
  RepairReport repair(bool delete_originals = false) {
    store_.reset();
    RepairOptions options;
    options.delete_originals = delete_originals;
    Result<RepairReport> report = repair_history(settings_.directory, now_, options);
    EXPECT_TRUE(report.ok()) << (report.ok() ? "" : report.error().message);
    return report.ok() ? *report : RepairReport{};
  }
  void execute(const std::string& file, const std::string& sql) {
    Database(settings_.directory / file, Open::existing).execute(sql);
  }
  // Fills a part of a file with rubbish; from < 0: counted from its end.
  void overwrite(const std::string& file, std::int64_t from, std::int64_t size) {
    const fs::path path = settings_.directory / file;
    if (from < 0) from += static_cast<std::int64_t>(fs::file_size(path));
    std::fstream out(path, std::ios::in | std::ios::out | std::ios::binary);
    ASSERT_TRUE(out.good());
    out.seekp(from);
    for (std::int64_t i = 0; i < size; ++i) out.put(static_cast<char>(0xA5));
  }
  std::string raw_file() { return raw_file_name(kStart); }
  SeriesId id_of(const std::string& name) { return series(name).at(0).id; }
  std::uint64_t count(const std::string& sql) { return static_cast<std::uint64_t>(meta().number(sql)); }

  TestVfs vfs_;  // nothing is really synced, which is quick
  const EventRow event_{kStart + kMinute, "alert", "rules", 5, "load is high", R"({"value":7.5})"};
};

TEST_F(RepairTest, a_good_history_is_good_and_counted) {
  make_history();
  const Verification found = verify();
  EXPECT_TRUE(found.good());
  ASSERT_EQ(found.files.size(), 3U);
  EXPECT_EQ(found.files[0].kind, "meta");
  EXPECT_EQ(found.files[0].series, 3U);
  EXPECT_EQ(found.files[1].kind, "raw");
  EXPECT_EQ(found.files[1].series, 3U);
  EXPECT_EQ(found.files[1].samples, 900U);
  EXPECT_EQ(found.files[1].from_ns, week_start(kStart));
  EXPECT_GT(found.files[1].bytes, 0U);
  EXPECT_EQ(found.files[2].kind, "minute");
  EXPECT_EQ(found.files[2].series, 3U);
  EXPECT_EQ(found.files[2].samples, 900U) << "buckets";
}

TEST_F(RepairTest, verify_works_beside_a_store_that_writes_and_sees_its_hot_file) {
  make_history();
  ASSERT_TRUE(put({{"s0", 1}, {"s1", 2}}));
  const CheckedFile hot = checked("hot-");
  EXPECT_EQ(hot.verdict, Verdict::good);
  EXPECT_EQ(hot.samples, 2U);
  EXPECT_EQ(hot.series, 2U);
  EXPECT_TRUE(put({{"s0", 3}})) << "nothing is locked";
}

TEST_F(RepairTest, an_empty_place_has_no_history) {
  const Result<Verification> found = verify_history(settings_.directory, {});
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().status, PICKET_NOT_FOUND);
  EXPECT_EQ(repair_history(settings_.directory, now_, {}).error().status, PICKET_NOT_FOUND);
  EXPECT_FALSE(fs::exists(settings_.directory));
}

TEST_F(RepairTest, verify_tells_how_far_it_is_and_can_be_ended) {
  make_history();
  double last = 0;
  VerifyOptions options{true, [&](double part) { last = part; }, {}};
  ASSERT_TRUE(verify_history(settings_.directory, options).ok());
  EXPECT_EQ(last, 1);
  options.cancelled = [] { return true; };
  EXPECT_EQ(verify_history(settings_.directory, options).error().status, PICKET_CANCELLED);
}

TEST_F(RepairTest, every_kind_of_wrong_chunk_is_found) {
  make_history();
  store_.reset();
  const std::pair<const char*, const char*> cases[] = {
      {"UPDATE chunk SET data = zeroblob(length(data)) WHERE id = (SELECT min(id) FROM chunk)", "checksum"},
      {"UPDATE chunk SET maximum = maximum + 1 WHERE id = (SELECT min(id) FROM chunk)", "sums"},
      {"UPDATE chunk SET count = count + 1 WHERE id = (SELECT min(id) FROM chunk)", "sums"},
      {"UPDATE chunk SET last = -last - 1 WHERE id = (SELECT min(id) FROM chunk)", "sums"},
      {"UPDATE chunk SET sum = sum * 1.001 + 1 WHERE id = (SELECT min(id) FROM chunk)", "sums"},
      {"UPDATE chunk SET id = id + (1 << 39) * 20 WHERE id = (SELECT max(id) FROM chunk)", "timestamps"},
      {"UPDATE chunk SET times = times + 999", "timestamps"},
      {"DELETE FROM series WHERE id = 2", "description"},
  };
  const fs::path whole = directory_.path() / "whole.db";
  fs::copy_file(settings_.directory / raw_file(), whole);
  for (const auto& [sql, word] : cases) {
    execute(raw_file(), sql);
    const CheckedFile file = checked("raw-");
    EXPECT_EQ(file.verdict, Verdict::damaged) << sql;
    ASSERT_FALSE(file.problems.empty()) << sql;
    EXPECT_NE(file.problems[0].find(word), std::string::npos) << file.problems[0];
    // Not copy_options::overwrite_existing: mingw-w64's library refuses it.
    fs::remove(settings_.directory / raw_file());
    fs::copy_file(whole, settings_.directory / raw_file());
  }
  EXPECT_EQ(checked("raw-").verdict, Verdict::good);
}

TEST_F(RepairTest, rows_that_do_not_agree_are_found_by_a_deep_look_and_made_again) {
  make_history();
  store_.reset();
  const double maximum = meta().prepare("SELECT 1").step() ? 12'345 : 0;
  execute(kMetaFile, "UPDATE hour SET maximum = " + std::to_string(maximum) +
                         " WHERE series = 1 AND time = " + std::to_string(kStart / kSecond + 3'600));
  execute(kMetaFile, "UPDATE day SET count = 7 WHERE series = 2");
  EXPECT_TRUE(verify(false).good());
  const CheckedFile file = checked("meta");
  EXPECT_EQ(file.verdict, Verdict::disagrees);
  EXPECT_GE(file.problem_count, 2U);
  const RepairReport report = repair();
  EXPECT_EQ(report.hour_rows, 1U);
  EXPECT_EQ(report.day_rows, 1U);
  EXPECT_TRUE(report.set_aside.empty());
  EXPECT_TRUE(verify().good());
  EXPECT_EQ(count("SELECT count FROM day WHERE series = 2"), 300U);
  EXPECT_EQ(repair().hour_rows, 0U) << "once";
}

TEST_F(RepairTest, a_partition_with_a_bad_chunk_loses_that_chunk_alone) {
  make_history();
  store_.reset();
  execute(raw_file(), "UPDATE chunk SET data = zeroblob(20) WHERE id = (SELECT min(id) FROM chunk)");
  const RepairReport report = repair();
  ASSERT_EQ(report.salvaged.size(), 1U);
  EXPECT_EQ(report.set_aside.size(), 1U);
  EXPECT_EQ(report.salvaged[0].file, raw_file() + ".damaged");
  EXPECT_EQ(report.salvaged[0].added, 840U);
  EXPECT_EQ(report.salvaged[0].unread_parts, 1U);
  EXPECT_EQ(report.salvaged[0].lost_series, 1U);
  EXPECT_EQ(report.salvaged[0].lost_samples, 60U);
  EXPECT_EQ(report.salvaged[0].lost_from_ns, kStart);
  EXPECT_EQ(report.salvaged[0].lost_to_ns, kStart + kHour);
  EXPECT_TRUE(report.lost_anything());
  EXPECT_EQ(checked("raw-").samples, 840U);
  EXPECT_EQ(points(id_of("s0")).size(), 300U) << "minutes stand in";
  EXPECT_EQ(points(id_of("s1")).size(), 300U);
  EXPECT_EQ(count("SELECT count(*) FROM hour WHERE count = 60"), 15U) << "no row forgets what is lost";

  const RepairReport again = repair(true);
  EXPECT_EQ(again.salvaged.at(0).added, 0U) << "nothing twice";
  EXPECT_TRUE(again.salvaged.at(0).deleted);
  EXPECT_TRUE(files(raw_file() + ".").empty());
  EXPECT_TRUE(verify().good());
  EXPECT_TRUE(repair().salvaged.empty());
}

TEST_F(RepairTest, a_partition_without_its_first_page_comes_back_whole) {
  make_history(40);
  store_.reset();
  overwrite(raw_file(), 0, 16'384);
  EXPECT_EQ(checked("raw-").verdict, Verdict::damaged);
  const RepairReport report = repair();
  ASSERT_EQ(report.salvaged.size(), 1U);
  EXPECT_EQ(report.salvaged[0].added, 40U * 300U);
  EXPECT_FALSE(report.lost_anything());
  EXPECT_EQ(points(id_of("s39")).size(), 300U);
}

TEST_F(RepairTest, a_broken_page_costs_what_is_on_it_and_no_more) {
  make_history(200);
  store_.reset();
  const auto size = static_cast<std::int64_t>(fs::file_size(settings_.directory / raw_file()));
  const std::int64_t page =
      open_for_reading(settings_.directory / raw_file(), FileKind::raw).number("PRAGMA page_size");
  const fs::path whole = directory_.path() / "whole";
  fs::copy(settings_.directory, whole);
  int costly = 0;
  int costs_all = 0;
  // The root of the tree, its leaves, the catalogue's copy, what is free: each in turn.
  for (std::int64_t at = 0; at < size / page; ++at) {
    SCOPED_TRACE("page " + std::to_string(at + 1) + " of " + std::to_string(size / page));
    fs::remove_all(settings_.directory);
    fs::copy(whole, settings_.directory);
    overwrite(raw_file(), at * page, page);
    const RepairReport report = repair();
    if (report.salvaged.empty()) continue;  // nothing was on it
    ASSERT_EQ(report.salvaged.size(), 1U);
    EXPECT_EQ(report.salvaged[0].added + report.salvaged[0].lost_samples, 200U * 300U) << "the loss is told exactly";
    EXPECT_EQ(checked("raw-").samples, report.salvaged[0].added);
    costly += report.salvaged[0].lost_samples != 0 ? 1 : 0;
    costs_all += report.salvaged[0].added == 0 ? 1 : 0;
    EXPECT_EQ(points(id_of("s7"), 0, kForever, kMinute).size(), 300U) << "minutes stand in";
  }
  EXPECT_GT(costly, 1);
  EXPECT_LE(costs_all, 1) << "the one of the timestamps, which all chunks share";
}

TEST_F(RepairTest, a_file_set_aside_earlier_is_merged_into_the_one_that_took_its_place) {
  make_history();
  store_->close();
  fs::rename(settings_.directory / raw_file(), settings_.directory / (raw_file() + ".damaged"));
  open();
  ASSERT_TRUE(put({{"s0", 5}}));
  now_ += 2 * kHour;
  maintain();
  ASSERT_EQ(checked("raw-").samples, 1U);
  const RepairReport report = repair();
  EXPECT_EQ(report.salvaged.at(0).added, 900U);
  EXPECT_FALSE(report.lost_anything());
  EXPECT_EQ(checked("raw-").samples, 901U);
  EXPECT_EQ(points(id_of("s0")).size(), 301U);
}

TEST_F(RepairTest, damaged_minutes_are_made_again_from_samples_or_brought_back) {
  make_history();
  store_.reset();
  const std::string minute = minute_file_name(kStart);
  const auto before = points(id_of("s1"), 0, kForever, kMinute);
  execute(minute, "UPDATE chunk SET data = zeroblob(20) WHERE id = (SELECT min(id) FROM chunk)");
  const CheckedFile file = checked("minute-");
  EXPECT_EQ(file.verdict, Verdict::damaged);
  EXPECT_NE(file.problems.at(0).find("2024-10-04"), std::string::npos) << file.problems.at(0);
  repair(true);
  EXPECT_TRUE(verify().good());
  EXPECT_EQ(checked("minute-").samples, 900U) << "the samples were there";

  // Without samples, what can be read is all there is.
  fs::remove(settings_.directory / raw_file());
  execute(minute, "UPDATE chunk SET data = zeroblob(20) WHERE id = (SELECT min(id) FROM chunk)");
  const RepairReport report = repair(true);
  ASSERT_EQ(report.salvaged.size(), 1U);
  EXPECT_EQ(report.salvaged[0].added, 600U);
  EXPECT_EQ(report.salvaged[0].unread_parts, 1U);
  EXPECT_EQ(report.salvaged[0].lost_from_ns, month_start(kStart));
  EXPECT_EQ(checked("minute-").samples, 600U);
  EXPECT_EQ(points(id_of("s1"), 0, kForever, kMinute).size(), before.size());
}

TEST_F(RepairTest, minutes_that_do_not_agree_with_their_hours_are_found) {
  make_history();
  store_.reset();
  execute(kMetaFile,
          "UPDATE hour SET minimum = minimum - 1 WHERE series = 1 AND time = " + std::to_string(kStart / kSecond));
  fs::remove(settings_.directory / raw_file());
  const CheckedFile file = checked("meta");
  EXPECT_EQ(file.verdict, Verdict::disagrees);
  EXPECT_NE(file.problems.at(0).find("minutes"), std::string::npos) << file.problems.at(0);
}

TEST_F(RepairTest, a_damaged_hot_file_gives_what_can_be_read) {
  open();
  fill("a", kStart + 10 * kMinute, kSecond);
  store_->close();
  const std::string hot = *files("hot-").begin();
  execute(hot, "UPDATE tick SET data = zeroblob(20) WHERE frame = 50 AND id < (70 * 1000000000 << 21)");
  const RepairReport report = repair();
  ASSERT_EQ(report.salvaged.size(), 1U);
  EXPECT_EQ(report.salvaged[0].added, 590U);
  EXPECT_NE(report.salvaged[0].unread_parts, 0U);
  EXPECT_EQ(report.salvaged[0].lost_from_ns, kStart);
  EXPECT_EQ(points(id_of("a")).size(), 590U);
}

TEST_F(RepairTest, a_lost_catalogue_comes_back_with_its_series_rows_and_events) {
  make_history();
  ASSERT_TRUE(put({{"fresh", 1}}));
  store_->close();
  // Rows of hours whose raw samples are long gone are nowhere else.
  execute(kMetaFile, "INSERT INTO hour VALUES(1, 3600, 60, 1, 2, 1.5, 2)");
  execute(kMetaFile, "INSERT INTO day VALUES(1, 0, 60, 1, 2, 1.5, 2)");
  execute(kMetaFile, "PRAGMA wal_checkpoint(TRUNCATE)");
  overwrite(kMetaFile, 0, 4'096);
  EXPECT_EQ(checked("meta").verdict, Verdict::damaged);
  const RepairReport report = repair();
  EXPECT_EQ(report.set_aside, std::vector<std::string>{"meta.db.damaged"});
  EXPECT_EQ(count("SELECT count(*) FROM series"), 4U);
  EXPECT_EQ(count("SELECT count(*) FROM hour"), 16U);
  EXPECT_EQ(count("SELECT count FROM hour WHERE time = 3600"), 60U);
  EXPECT_EQ(count("SELECT count(*) FROM day WHERE time = 0"), 1U);
  EXPECT_EQ(count("SELECT count(*) FROM events WHERE message = 'load is high'"), 1U);
  EXPECT_EQ(points(id_of("s2")).size(), 300U);
  EXPECT_EQ(points(id_of("fresh")).size(), 1U);
  repair();
  EXPECT_EQ(count("SELECT count(*) FROM events"), 1U) << "nothing twice";
  EXPECT_EQ(count("SELECT count(*) FROM hour"), 16U);
}

TEST_F(RepairTest, a_removed_catalogue_is_made_again_from_the_partitions) {
  make_history();
  store_->close();
  fs::remove(settings_.directory / kMetaFile);
  const RepairReport report = repair();
  EXPECT_EQ(report.series_added, 3U);
  EXPECT_EQ(report.hour_rows, 15U);
  EXPECT_EQ(count("SELECT count(*) FROM day WHERE count = 300"), 3U);
  EXPECT_TRUE(verify().good());
}

TEST_F(RepairTest, series_whose_ids_were_given_away_keep_their_samples_under_their_names) {
  make_history(2);
  store_->close();
  // Everything is lost but a partition that was set aside; the daemon began anew, with other series in other order.
  fs::rename(settings_.directory / raw_file(), settings_.directory / (raw_file() + ".damaged"));
  fs::remove(settings_.directory / kMetaFile);
  fs::remove(settings_.directory / minute_file_name(kStart));
  open();
  ASSERT_TRUE(put({{"other", 1}, {"s1", 2}}));
  const SeriesId other = id("other");
  ASSERT_EQ(other, 1U);
  now_ += 2 * kHour;
  maintain();
  const RepairReport report = repair();
  EXPECT_EQ(report.series_added, 1U);
  EXPECT_EQ(report.salvaged.at(0).added, 600U);
  EXPECT_EQ(points(id_of("other")).size(), 1U);
  EXPECT_EQ(points(id_of("s1")).size(), 301U);
  EXPECT_EQ(points(id_of("s0")).size(), 300U);
  EXPECT_EQ(points(id_of("s0")).at(7).last, value_at(kStart + 7 * kMinute));
}

TEST_F(RepairTest, a_repair_that_ends_anywhere_is_finished_by_the_next) {
  make_history(70);
  ASSERT_TRUE(put({{"s0", 1}}));
  store_.reset();
  overwrite(raw_file(), 0, 4'096);
  overwrite(kMetaFile, 0, 4'096);
  const fs::path harmed = directory_.path() / "harmed";
  fs::copy(settings_.directory, harmed);
  std::size_t operations = 0;
  const auto repair_until = [&](std::size_t end) {
    operations = 0;
    vfs_.set_gate([&](FileAction, const std::string&) { return operations++ < end; });
    Result<RepairReport> report = repair_history(settings_.directory, now_, {});
    vfs_.set_gate({});
    return report;
  };
  const auto expect_all = [&] {
    EXPECT_EQ(checked("raw-").samples, 70U * 300U);
    EXPECT_EQ(count("SELECT count(*) FROM hour"), 70U * 5U);
    EXPECT_EQ(count("SELECT count(*) FROM day WHERE count = 300"), 70U);
    EXPECT_EQ(count("SELECT count(*) FROM events"), 1U);
    EXPECT_EQ(points(id_of("s0")).size(), 301U);
  };
  ASSERT_TRUE(repair_until(Scenario::kNever).ok());
  const std::size_t all = operations;
  expect_all();
  for (std::size_t i = 0; i < 20; ++i) {
    SCOPED_TRACE("ends after " + std::to_string(i * all / 20) + " of " + std::to_string(all) + " operations");
    fs::remove_all(settings_.directory);
    fs::copy(harmed, settings_.directory);
    EXPECT_FALSE(repair_until(i * all / 20).ok());
    const RepairReport report = repair();
    ASSERT_FALSE(report.salvaged.empty());
    expect_all();
    for (const SalvagedFile& file : repair().salvaged) EXPECT_EQ(file.added, 0U) << file.file;
  }
}

TEST_F(RepairTest, is_refused_while_a_store_has_the_directory) {
  make_history();
  const Result<RepairReport> report = repair_history(settings_.directory, now_, {});
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().status, PICKET_DENIED);
  EXPECT_NE(report.error().message.find("in use by process"), std::string::npos) << report.error().message;
}

TEST_F(RepairTest, a_later_version_is_left_alone) {
  make_history();
  store_.reset();
  execute(raw_file(), "PRAGMA user_version = 99");
  EXPECT_EQ(checked("raw-").verdict, Verdict::newer);
  const Result<RepairReport> report = repair_history(settings_.directory, now_, {});
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().status, PICKET_UNSUPPORTED);
  EXPECT_EQ(files("raw-").size(), 1U);
}

TEST_F(RepairTest, what_retention_dropped_does_not_come_back) {
  make_history();
  store_->close();
  fs::rename(settings_.directory / raw_file(), settings_.directory / (raw_file() + ".damaged"));
  execute(kMetaFile,
          "INSERT OR REPLACE INTO state VALUES('dropped_until', " + std::to_string(week_start(kStart) + kWeek) + ")");
  const RepairReport report = repair();
  EXPECT_EQ(report.salvaged.at(0).added, 0U);
  EXPECT_EQ(report.salvaged.at(0).lost_samples, 0U);
}

}  // namespace
}  // namespace picket::perf_database

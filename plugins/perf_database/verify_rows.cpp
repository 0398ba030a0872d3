// SPDX-License-Identifier: Apache-2.0
#include "verify_rows.hpp"

#include <cmath>
#include <map>
#include <set>

#include "calendar.hpp"
#include "files.hpp"
#include "minute_file.hpp"
#include "raw_file.hpp"

namespace picket::perf_database {
namespace {

constexpr std::size_t kMaxDoubts = 10'000;

bool close_to(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b)) || std::fabs(a - b) <= 1e-9 * std::max(std::fabs(a), std::fabs(b));
}

// Columns count, minimum, maximum, mean, last from `column` on.
bool row_is(const Statement& row, int column, const Aggregate& sum) {
  return static_cast<std::uint64_t>(row.integer(column)) == sum.count && close_to(row.real(column + 1), sum.minimum) &&
         close_to(row.real(column + 2), sum.maximum) && close_to(row.real(column + 3), sum.mean()) &&
         close_to(row.real(column + 4), sum.last);
}

}  // namespace

std::string torn_week_key(std::int64_t week_ns) {
  return "torn_" + std::to_string(week_ns / kSecond);
}

RowChecker::RowChecker(std::filesystem::path directory) : directory_(std::move(directory)) {
  try {
    meta_ = std::make_unique<Database>(open_for_reading(directory_ / kMetaFile, FileKind::meta));
    select_.emplace(
        meta_->prepare("SELECT count, minimum, maximum, mean, last FROM hour WHERE series = ?1 AND time = ?2"));
    oldest_hour_ns_ = meta_->number("SELECT min(time) FROM hour") * kSecond;
  } catch (const std::exception&) {
    select_.reset();
    meta_.reset();  // what is wrong with it is said where it is checked itself
  }
}

bool RowChecker::is_torn(const std::string& key) const {
  return meta_->prepare("SELECT 1 FROM state WHERE key = ?1").bind(1, std::string_view(key)).step();
}

bool RowChecker::agrees(std::int64_t hour_ns, SeriesId series, const Aggregate& sum) {
  if (sum.count == 0) return true;  // nothing but NaN has no row
  select_->bind(1, std::int64_t{series}).bind(2, hour_ns / kSecond);
  const bool good = select_->step() ? row_is(*select_, 0, sum) : hour_ns < oldest_hour_ns_;
  select_->reset();
  return good;
}

void RowChecker::look(const Doubt& doubt, const Aggregate& sum) {
  if (meta_ == nullptr || agrees(doubt.hour_ns, doubt.series, sum)) return;
  if (doubts_.size() < kMaxDoubts) {
    doubts_.push_back(doubt);
  } else {
    ++more_doubts_;
  }
}

void RowChecker::add(std::int64_t hour_ns, SeriesId series, const Aggregate& sum) {
  look({hour_ns, series, false}, sum);
}

void RowChecker::add_minutes(std::int64_t hour_ns, SeriesId series, const Aggregate& sum) {
  if (hour_ns != minutes_of_.hour_ns || series != minutes_of_.series) end_minutes();
  minutes_of_ = {hour_ns, series, true};
  minutes_.merge(sum);
}

void RowChecker::end_minutes() {
  if (minutes_of_.series != 0) look(minutes_of_, minutes_);
  minutes_of_ = {0, 0, true};
  minutes_ = {};
}

// Both sides are read again: late samples may have been sealed meanwhile, or the partition dropped.
bool RowChecker::agrees_now(const Doubt& doubt) {
  const std::int64_t hour = doubt.hour_ns;
  Aggregate sum;
  try {
    if (doubt.minutes) {
      // Minutes are made when their day is over, and again when something came late.
      Statement pending =
          meta_->prepare("SELECT 1 FROM sealed_hour WHERE time >= ?1 AND time < ?1 + 86400 AND NOT minute_done");
      if (pending.bind(1, floor_to(hour, kDay) / kSecond).step()) return true;
      const auto day =
          MinuteFile(directory_ / minute_file_name(hour), Open::read_only).read(floor_to(hour, kDay), doubt.series);
      for (std::size_t i = 0; day && i < day->times.size(); ++i) {
        if (floor_to(day->times[i], kHour) == hour) sum.merge(day->columns.at(i));
      }
    } else {
      std::vector<TimedValue> samples;
      RawFile(directory_ / raw_file_name(hour), Open::read_only).read(hour, doubt.series, samples);
      for (const TimedValue& sample : samples) sum.add(sample.value);
    }
  } catch (const std::exception&) {
    return true;  // gone, or damaged, which is said of that file
  }
  if (agrees(hour, doubt.series, sum)) return true;
  if (!is_torn(torn_week_key(week_start(hour)))) return false;
  select_->bind(1, std::int64_t{doubt.series}).bind(2, hour / kSecond);
  const bool differs_in_count = select_->step() && static_cast<std::uint64_t>(select_->integer(0)) != sum.count;
  select_->reset();
  return differs_in_count;
}

void RowChecker::finish(Findings& findings) {
  if (meta_ == nullptr) return;
  // Rows are written after their chunks, and an hour that has hot files is not finished.
  std::set<std::int64_t> open;
  for (const HotPart& part : list_files(directory_).hot) open.insert(part.hour_ns);
  oldest_hour_ns_ = meta_->number("SELECT min(time) FROM hour") * kSecond;
  for (const Doubt& doubt : doubts_) {
    if (open.contains(doubt.hour_ns) || agrees_now(doubt)) continue;
    findings.add(Verdict::disagrees, "the hour row of series " + std::to_string(doubt.series) + " at " +
                                         utc_text(doubt.hour_ns) + " is not what its " +
                                         (doubt.minutes ? "minutes" : "samples") + " add up to");
  }
  if (more_doubts_ != 0) {
    findings.add(Verdict::disagrees,
                 std::to_string(more_doubts_) + " more hour rows are not what their samples add up to");
  }
  check_days(findings);
}

void RowChecker::check_days(Findings& findings) {
  const Database& meta = *meta_;
  // Days all of whose hours are sealed, summed, and still kept.
  std::set<std::int64_t> days;
  Statement done = meta.prepare("SELECT time - time % 86400, min(day_done) FROM sealed_hour GROUP BY 1");
  while (done.step()) {
    if (done.integer(1) != 0 && done.integer(0) * kSecond >= oldest_hour_ns_) days.insert(done.integer(0));
  }
  Statement hours = meta.prepare(
      "SELECT time, count, minimum, maximum, mean, last FROM hour WHERE series = ?1 AND time >= ?2 ORDER BY time");
  Statement rows = meta.prepare("SELECT time, count, minimum, maximum, mean, last FROM day WHERE series = ?1");
  const bool torn = is_torn(kTornRows);
  std::vector<std::int64_t> ids;
  Statement list = meta.prepare("SELECT id FROM series");
  while (list.step()) ids.push_back(list.integer(0));
  list.reset();
  for (const std::int64_t id : ids) {
    std::map<std::int64_t, Aggregate> sums;
    hours.bind(1, id).bind(2, oldest_hour_ns_ / kSecond);
    while (hours.step()) {
      const auto count = static_cast<std::uint64_t>(hours.integer(1));
      sums[floor_to(hours.integer(0), kDay / kSecond)].merge(
          {count, hours.real(2), hours.real(3), hours.real(4) * static_cast<double>(count), hours.real(5)});
    }
    hours.reset();
    rows.bind(1, id);
    while (rows.step()) {
      const auto sum = sums.find(rows.integer(0));
      if (sum == sums.end() || !days.contains(rows.integer(0)) || row_is(rows, 1, sum->second)) continue;
      if (torn && static_cast<std::uint64_t>(rows.integer(1)) > sum->second.count) continue;
      findings.add(Verdict::disagrees, "the day row of series " + std::to_string(id) + " at " +
                                           std::to_string(rows.integer(0)) + " is not what its hours add up to");
    }
    rows.reset();
  }
}

}  // namespace picket::perf_database

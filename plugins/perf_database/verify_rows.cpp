// SPDX-License-Identifier: Apache-2.0
#include "verify_rows.hpp"

#include <cmath>
#include <map>
#include <set>

#include "calendar.hpp"
#include "files.hpp"
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

void RowChecker::add(std::int64_t hour_ns, SeriesId series, const Aggregate& sum) {
  if (meta_ == nullptr || agrees(hour_ns, series, sum)) return;
  if (doubts_.size() < kMaxDoubts) {
    doubts_.push_back({hour_ns, series});
  } else {
    ++more_doubts_;
  }
}

// Both sides are read again: late samples may have been sealed meanwhile, or the partition dropped.
bool RowChecker::agrees_now(const Doubt& doubt) {
  const std::filesystem::path file = directory_ / raw_file_name(doubt.hour_ns);
  std::vector<TimedValue> samples;
  try {
    RawFile(file, Open::read_only).read(doubt.hour_ns, doubt.series, samples);
  } catch (const std::exception&) {
    return true;  // gone, or damaged, which is said of that file
  }
  Aggregate sum;
  for (const TimedValue& sample : samples) sum.add(sample.value);
  if (is_torn(torn_week_key(week_start(doubt.hour_ns)))) {
    select_->bind(1, std::int64_t{doubt.series}).bind(2, doubt.hour_ns / kSecond);
    const bool counts_more = select_->step() && static_cast<std::uint64_t>(select_->integer(0)) > sum.count;
    select_->reset();
    if (counts_more) return true;
  }
  return agrees(doubt.hour_ns, doubt.series, sum);
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
                                         std::to_string(doubt.hour_ns / kSecond) +
                                         " is not what its samples add up to");
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

// SPDX-License-Identifier: Apache-2.0
//
// One file of each kind, looked at as closely as its format allows.
#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "chunk_keys.hpp"
#include "codec/column_codec.hpp"
#include "hot_reader.hpp"
#include "meta_store.hpp"
#include "minute_chunk.hpp"
#include "verify.hpp"

namespace picket::perf_database {
namespace {

// Rows of one read: bounds how long the log of a file that is being written cannot shrink.
constexpr int kSlice = 256;

bool same_number(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || a == b ||
         (std::isnan(a) && std::isnan(b));
}

// Sums may have been added up in another order.
bool nearly(double a, double b) {
  return same_number(a, b) || std::fabs(a - b) <= 1e-9 * std::max(std::fabs(a), std::fabs(b));
}

struct ChunkRow {
  std::int64_t key, times, first_ns, last_ns;
  Aggregate sum;
  std::size_t bytes;
  std::optional<std::vector<double>> values;
};

class RawVerifier {
 public:
  RawVerifier(const std::filesystem::path& path, std::int64_t week_ns, CheckedFile& file, VerifyProgress& progress,
              const HourSums& sums)
      : database_(open_for_reading(path, FileKind::raw)),
        week_ns_(week_ns),
        file_(file),
        findings_(file),
        progress_(progress),
        sums_(sums) {}

  void run() {
    if (!check_integrity(database_, findings_)) return;
    std::set<SeriesId> described;
    Statement series = database_.prepare("SELECT id FROM series");
    while (series.step()) described.insert(static_cast<SeriesId>(series.integer(0)));
    std::set<SeriesId> seen;
    std::int64_t next = 0;
    for (std::vector<ChunkRow> rows = read(next); !rows.empty(); rows = read(next)) {
      for (const ChunkRow& row : rows) {
        const ChunkKey key = split_chunk_key(row.key, kHour);
        check(row, key);
        if (seen.insert(key.series).second && !described.contains(key.series)) {
          findings_.add(Verdict::damaged, "series " + std::to_string(key.series) + " has samples and no description");
        }
      }
      next = rows.back().key + 1;
      progress_.at(std::min(bytes_, file_.bytes));
    }
    flush();
    file_.series = seen.size();
  }

 private:
  // Everything of a slice is taken before anything is worked out, so that the read is short.
  std::vector<ChunkRow> read(std::int64_t from) {
    std::vector<ChunkRow> rows;
    Statement select = database_.prepare(
        "SELECT id, times, first_ns, last_ns, count, minimum, maximum, sum, last, data FROM chunk WHERE id >= ?1 "
        "ORDER BY id LIMIT ?2");
    select.bind(1, from).bind(2, std::int64_t{kSlice});
    while (select.step()) {
      const Aggregate sum{static_cast<std::uint64_t>(select.integer(4)), select.real(5), select.real(6), select.real(7),
                          select.real(8)};
      const ByteView block = select.blob(9);
      rows.push_back({select.integer(0), select.integer(1), select.integer(2), select.integer(3), sum, block.size(),
                      decode_values(block, compressor_)});
    }
    return rows;
  }

  void check(const ChunkRow& row, const ChunkKey& key) {
    bytes_ += row.bytes;
    const auto complain = [&](const std::string& what) {
      findings_.add(Verdict::damaged, "the chunk of series " + std::to_string(key.series) + " in the hour " +
                                          utc_text(key.start_ns) + " " + what);
    };
    if (key.start_ns < week_ns_ || key.start_ns >= week_ns_ + kWeek) return complain("is not of this week");
    if (!row.values) return complain("does not match its checksum");
    if (!load_times(row.times)) return complain("has no readable timestamps");
    if (times_.size() != row.values->size()) return complain("has not as many values as timestamps");
    if (times_.front() < key.start_ns || times_.back() >= key.start_ns + kHour ||
        !std::is_sorted(times_.begin(), times_.end())) {
      return complain("has timestamps that are not of its hour");
    }
    Aggregate sum;
    for (const double value : *row.values) sum.add(value);
    if (row.first_ns != times_.front() || row.last_ns != times_.back() || row.sum.count != sum.count ||
        !same_number(row.sum.minimum, sum.minimum) || !same_number(row.sum.maximum, sum.maximum) ||
        !same_number(row.sum.last, sum.last) || !nearly(row.sum.sum, sum.sum)) {
      return complain("has sums that are not those of its values");
    }
    file_.samples += row.values->size();
    if (key.start_ns != hour_ns_ || key.series != series_) flush();
    hour_ns_ = key.start_ns;
    series_ = key.series;
    sum_.merge(sum);
  }

  // The parts of one series and hour follow each other.
  void flush() {
    if (sums_ && series_ != 0) sums_(hour_ns_, series_, sum_);
    sum_ = {};
  }

  bool load_times(std::int64_t id) {
    if (id == times_id_) return !times_.empty();
    times_id_ = id;
    times_.clear();
    Statement select = database_.prepare("SELECT data FROM times WHERE id = ?1");
    if (!select.bind(1, id).step()) return false;
    bytes_ += select.blob(0).size();
    if (auto times = decode_times(select.blob(0), compressor_)) times_ = std::move(*times);
    return !times_.empty();
  }

  const Database database_;
  const std::int64_t week_ns_;
  CheckedFile& file_;
  Findings findings_;
  VerifyProgress& progress_;
  const HourSums& sums_;
  Compressor compressor_;
  std::int64_t times_id_ = -1;
  std::vector<std::int64_t> times_;
  std::uint64_t bytes_ = 0;
  std::int64_t hour_ns_ = 0;  // what sum_ is of
  SeriesId series_ = 0;
  Aggregate sum_;
};

// A partition of minutes, chunk by chunk.
class MinuteVerifier {
 public:
  MinuteVerifier(const std::filesystem::path& path, std::int64_t month_ns, CheckedFile& file, VerifyProgress& progress,
                 const HourSums& sums)
      : database_(open_for_reading(path, FileKind::minute)),
        month_ns_(month_ns),
        file_(file),
        findings_(file),
        progress_(progress),
        sums_(sums) {}

  void run() {
    if (!check_integrity(database_, findings_)) return;
    std::int64_t next = 0;
    for (std::vector<Row> rows = read(next); !rows.empty(); rows = read(next)) {
      for (const Row& row : rows) check(row, split_chunk_key(row.key, kDay));
      next = rows.back().key + 1;
      progress_.at(std::min(bytes_, file_.bytes));
    }
    file_.series = seen_.size();
  }

 private:
  struct Row {
    std::int64_t key, times;
    std::optional<MinuteColumns> columns;
  };

  std::vector<Row> read(std::int64_t from) {
    std::vector<Row> rows;
    Statement select = database_.prepare("SELECT id, times, data FROM chunk WHERE id >= ?1 ORDER BY id LIMIT ?2");
    select.bind(1, from).bind(2, std::int64_t{kSlice});
    while (select.step()) {
      bytes_ += select.blob(2).size();
      rows.push_back({select.integer(0), select.integer(1), decode_minutes(select.blob(2), compressor_)});
    }
    return rows;
  }

  void check(const Row& row, const ChunkKey& key) {
    const auto complain = [&](const std::string& what) {
      findings_.add(Verdict::damaged, "the minutes of series " + std::to_string(key.series) + " on the day " +
                                          utc_text(key.start_ns).substr(0, 10) + " " + what);
    };
    if (month_start(key.start_ns) != month_ns_) return complain("are not of this month");
    if (!row.columns) return complain("do not match their checksum");
    const std::vector<std::int64_t>* minutes = nullptr;
    try {
      minutes = &times_.read(row.times, compressor_);
    } catch (const DamageError&) {
      return complain("have no readable timestamps");
    }
    const bool fits = minutes->size() == row.columns->size() && minutes->front() >= 0 &&
                      minutes->back() < kDay / kMinute && std::is_sorted(minutes->begin(), minutes->end());
    if (!fits) return complain("have timestamps that do not fit");
    file_.samples += row.columns->size();
    seen_.insert(key.series);
    if (!sums_) return;
    std::map<std::int64_t, Aggregate> hours;
    for (std::size_t i = 0; i < minutes->size(); ++i) {
      hours[floor_to(key.start_ns + (*minutes)[i] * kMinute, kHour)].merge(row.columns->at(i));
    }
    for (const auto& [hour, sum] : hours) sums_(hour, key.series, sum);
  }

  const Database database_;
  const std::int64_t month_ns_;
  CheckedFile& file_;
  Findings findings_;
  VerifyProgress& progress_;
  const HourSums& sums_;
  Compressor compressor_;
  TimeColumns times_{database_};
  std::uint64_t bytes_ = 0;
  std::set<SeriesId> seen_;
};

}  // namespace

void verify_minutes(const std::filesystem::path& path, std::int64_t month_ns, CheckedFile& file,
                    VerifyProgress& progress, const HourSums& sums) {
  MinuteVerifier(path, month_ns, file, progress, sums).run();
}

bool check_integrity(const Database& database, Findings& findings) {
  Statement check = database.prepare("PRAGMA integrity_check(" + std::to_string(kMaxProblems) + ")");
  bool good = true;
  while (check.step()) {
    if (check.text(0) == "ok") continue;
    good = false;
    findings.add(Verdict::damaged, "integrity check: " + std::string(check.text(0)));
  }
  return good;
}

void verify_raw(const std::filesystem::path& path, std::int64_t week_ns, CheckedFile& file, VerifyProgress& progress,
                const HourSums& sums) {
  RawVerifier(path, week_ns, file, progress, sums).run();
}

void verify_hot(const std::filesystem::path& path, std::int64_t hour_ns, CheckedFile& file, VerifyProgress& progress) {
  Findings findings(file);
  if (!check_integrity(open_for_reading(path, FileKind::hot), findings)) return;
  HotReader reader(path, hour_ns);
  std::set<SeriesId> described;
  for (const auto& [id, info] : reader.series()) described.insert(id);
  std::set<SeriesId> seen;
  const SeriesId* last = nullptr;  // layouts mostly repeat
  const std::size_t damaged =
      reader.scan(hour_ns, hour_ns + kHour, nullptr,
                  [&](std::int64_t /*time*/, std::span<const SeriesId> series, std::span<const std::uint64_t> values) {
                    file.samples += values.size();
                    if (series.data() != last) seen.insert(series.begin(), series.end());
                    last = series.data();
                  });
  progress.at(file.bytes);
  file.series = seen.size();
  if (damaged != 0) findings.add(Verdict::damaged, "ticks cannot be read in " + std::to_string(damaged) + " places");
  for (const SeriesId id : seen) {
    if (!described.contains(id)) {
      findings.add(Verdict::damaged, "series " + std::to_string(id) + " has samples and no description");
    }
  }
}

void verify_meta(const std::filesystem::path& path, CheckedFile& file, VerifyProgress& progress) {
  const Database database = open_for_reading(path, FileKind::meta);
  Findings findings(file);
  if (!check_integrity(database, findings)) return;
  progress.at(file.bytes / 2);
  file.series = static_cast<std::uint64_t>(database.number("SELECT count(*) FROM series"));
  for (const std::string table : {"hour", "day", "hour_now"}) {
    const std::string span = table == "day" ? "86400" : "3600";
    Statement bad = database.prepare("SELECT series, time FROM " + table + " WHERE count <= 0 OR time % " + span +
                                     " <> 0 OR minimum > maximum OR series NOT IN (SELECT id FROM series) LIMIT " +
                                     std::to_string(kMaxProblems));
    while (bad.step()) {
      findings.add(Verdict::disagrees, "table " + table + ": the row of series " + std::to_string(bad.integer(0)) +
                                           " at " + std::to_string(bad.integer(1)) + " makes no sense");
    }
  }
}

}  // namespace picket::perf_database

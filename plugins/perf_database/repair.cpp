// SPDX-License-Identifier: Apache-2.0
//
// Order: damaged files are set aside; the catalogue learns of all series, the whole partitions first, whose ids count;
// then what is readable of damaged catalogues, raw partitions and hot files goes to where it belongs; then rows are
// made again from the partitions; then originals go, if they are to.
#include "repair.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "files.hpp"
#include "hot_reader.hpp"
#include "machine.hpp"
#include "minute_file.hpp"
#include "repair_meta.hpp"
#include "verify_rows.hpp"

namespace picket::perf_database {
namespace {

namespace fs = std::filesystem;

constexpr double kVerifyPart = 0.4;  // of the whole work, for progress
constexpr std::size_t kSeriesPerRepair = 64;

// What "raw-2026-W48.db.1.damaged" was called.
std::string original_name(const fs::path& file) {
  const std::string name = path_text(file.filename());
  const std::size_t end = name.find(".db.");
  return end == std::string::npos ? name : name.substr(0, end + 3);
}

class Repairer {
 public:
  Repairer(fs::path directory, std::int64_t now_ns, const RepairOptions& options)
      : directory_(std::move(directory)), now_ns_(now_ns), options_(options) {}

  Result<RepairReport> run() {
    sweep_orphans(directory_);
    VerifyOptions verify{true, {}, options_.cancelled};
    verify.progress = [this](double part) { progress(part * kVerifyPart); };
    const Result<Verification> found = verify_history(directory_, verify);
    if (!found) return found.error();
    if (const auto refused = refusal(*found)) return *refused;
    for (const CheckedFile& file : found->files) {
      disagrees_ = disagrees_ || file.verdict == Verdict::disagrees;
      if (file.verdict != Verdict::damaged) continue;
      rebuild_ = rebuild_ || file.kind == "meta";
      report_.set_aside.push_back(path_text(set_aside(directory_ / file.file).filename()));
    }
    rebuild_ = rebuild_ || !fs::exists(directory_ / kMetaFile);
    listing_ = list_files(directory_);
    for (const HotPart& part : listing_.hot) open_hours_.insert(part.hour_ns);
    catalogue_.emplace(directory_);
    learn_series();
    std::size_t done = 0;
    for (const fs::path& file : in_order(listing_.damaged)) {
      if (options_.cancelled && options_.cancelled()) return Error{"ended early; repair it again", PICKET_CANCELLED};
      salvage(file);
      progress(kVerifyPart +
               (1 - kVerifyPart) * static_cast<double>(++done) / static_cast<double>(listing_.damaged.size()));
    }
    make_rows();
    find_losses();
    if (options_.delete_originals) delete_originals();
    report_.series_added = catalogue_->series_added();
    return std::move(report_);
  }

 private:
  void progress(double part) const {
    if (options_.progress) options_.progress(part);
  }

  static std::optional<Error> refusal(const Verification& found) {
    for (const CheckedFile& file : found.files) {
      const std::string why = file.problems.empty() ? file.file : file.problems.front();
      if (file.verdict == Verdict::newer) return Error{why, PICKET_UNSUPPORTED};
      // Without a catalogue, one is made.
      if (file.verdict == Verdict::unreadable && file.kind != "meta") return Error{why};
    }
    return std::nullopt;
  }

  // The catalogue first, then by time.
  static std::vector<fs::path> in_order(std::vector<fs::path> files) {
    std::stable_partition(files.begin(), files.end(), [](const fs::path& f) { return original_name(f) == kMetaFile; });
    return files;
  }

  void learn_series() {
    const auto take = [&](std::vector<std::pair<SeriesId, SeriesInfo>> series) {
      catalogue_->take(SeriesMap(series.begin(), series.end()));
    };
    for (const auto& [week, file] : listing_.raw) take(RawFile(file, Open::read_only).series());
    for (const auto& [month, file] : listing_.minute) take(MinuteFile(file, Open::read_only).series());
    for (const HotPart& part : listing_.hot) take(HotReader(part.file, part.hour_ns).series());
  }

  void salvage(const fs::path& file) {
    SalvagedFile& result = report_.salvaged.emplace_back();
    result.file = path_text(file.filename());
    const std::string name = original_name(file);
    std::size_t ways = 0;
    ways_ = worst_way_ = 0;
    if (name == kMetaFile) {
      rebuild_ = true;
      ways = open_damaged(file, FileKind::meta, directory_, [&](Database& damaged) {
        const RepairCatalogue::Taken taken = catalogue_->take_catalogue(damaged);
        result.added += taken.added;
        note_way(result, taken.rows, taken.unread_parts);
      });
      if (ways == 0 || worst_way_ != 0) catalogue_->mark_torn(kTornRows);
    } else if (const auto week = raw_file_week(name)) {
      ways = open_damaged(file, FileKind::raw, directory_, [&](Database& damaged) {
        salvage_partition(damaged, result, [&](const std::set<SeriesId>& ids, const SamplesFn& fn) {
          return salvage_raw(damaged, *week, ids, fn);
        });
      });
      changed_weeks_.insert(*week);
    } else if (const auto month = minute_file_month(name)) {
      ways = open_damaged(file, FileKind::minute, directory_,
                          [&](Database& damaged) { salvage_month(damaged, *month, result); });
      changed_months_.insert(*month);
    } else if (const auto hour = hot_file_hour(name)) {
      ways = open_damaged(file, FileKind::hot, directory_, [&](Database& damaged) {
        salvage_partition(damaged, result, [&](const std::set<SeriesId>&, const SamplesFn& fn) {
          return salvage_hot(damaged, hour->hour_ns, fn);
        });
      });
      changed_weeks_.insert(week_start(hour->hour_ns));
    } else {
      report_.salvaged.pop_back();  // not ours
      return;
    }
    if (ways == 0) note_way(result, 0, 1);
    if (worst_way_ == 0) return;
    if (const auto hour = hot_file_hour(name)) catalogue_->mark_torn(torn_week_key(week_start(hour->hour_ns)));
    if (const auto week = raw_file_week(name)) catalogue_->mark_torn(torn_week_key(*week));
  }

  // What one way of opening the file gave. The one that gave most is told; whether the file is whole, each may doubt.
  void note_way(SalvagedFile& result, std::uint64_t read, std::uint64_t unread) {
    worst_way_ = std::max(worst_way_, unread);
    if (ways_++ == 0 || read > result.read) {
      result.unread_parts = unread;
    } else if (read == result.read) {
      result.unread_parts = std::min(result.unread_parts, unread);
    }
    result.read = std::max(result.read, read);
  }

  // The ids of a damaged file -> those of the catalogue.
  IdMap ids_of(const Database& damaged) {
    // Descriptions that cannot be read are taken from the catalogue, where the ids are mostly the same.
    SeriesMap described = salvage_series(damaged, catalogue_->last_id() + 1'000);
    for (const auto& [id, info] : catalogue_->all()) described.try_emplace(id, info);
    return catalogue_->take(described);
  }
  static std::set<SeriesId> keys_of(const IdMap& ids) {
    std::set<SeriesId> keys;
    for (const auto& [from, to] : ids) keys.insert(from);
    return keys;
  }

  // Samples go to the partition of their week.
  void salvage_partition(const Database& damaged, SalvagedFile& result,
                         const std::function<std::uint64_t(const std::set<SeriesId>&, const SamplesFn&)>& read) {
    const IdMap ids = ids_of(damaged);
    std::map<SeriesId, std::vector<TimedValue>> hour;
    std::int64_t hour_ns = -1;
    std::uint64_t samples = 0;
    const auto flush = [&] {
      for (const auto& [id, some] : hour) samples += some.size();
      result.added += merge_hour(hour_ns, hour);
      hour.clear();
    };
    const std::uint64_t unread = read(keys_of(ids), [&](std::int64_t at, SeriesId id, std::vector<TimedValue>&& some) {
      if (at != hour_ns && !hour.empty()) flush();
      hour_ns = at;
      const auto to = ids.find(id);
      if (to == ids.end()) return;
      std::vector<TimedValue>& all = hour[to->second];
      all.insert(all.end(), some.begin(), some.end());
    });
    if (!hour.empty()) flush();
    note_way(result, samples, unread);
  }

  void salvage_month(const Database& damaged, std::int64_t month_ns, SalvagedFile& result) {
    const IdMap ids = ids_of(damaged);
    MinuteFile target(directory_ / minute_file_name(month_ns), Open::create);
    std::uint64_t read = 0;
    const std::uint64_t unread = salvage_minutes(
        damaged, month_ns, keys_of(ids), [&](std::int64_t day, SeriesId old_id, const DayOfMinutes& part) {
          const auto known = ids.find(old_id);
          if (known == ids.end()) return;
          const SeriesId id = known->second;
          read += part.times.size();
          const auto there = target.read(day, id);
          // Of two buckets for a minute, the one that counts more samples knows more.
          std::map<std::int64_t, Aggregate> merged;
          for (std::size_t i = 0; there && i < there->times.size(); ++i)
            merged.emplace(there->times[i], there->columns.at(i));
          std::uint64_t added = 0;
          for (std::size_t i = 0; i < part.times.size(); ++i) {
            const auto [at, is_new] = merged.emplace(part.times[i], part.columns.at(i));
            if (!is_new && at->second.count >= part.columns.at(i).count) continue;
            at->second = part.columns.at(i);
            ++added;
          }
          if (added == 0) return;
          DayOfMinutes whole;
          for (const auto& [time, bucket] : merged) {
            whole.times.push_back(time);
            whole.columns.push_back(bucket);
          }
          target.begin();
          target.put(day, id, catalogue_->info(id), whole);
          target.commit();
          target.drop_unused_times(day);
          result.added += added;
        });
    note_way(result, read, unread);
  }

  // Puts samples of one hour beside those that are there. Returns how many were new.
  std::uint64_t merge_hour(std::int64_t hour_ns, std::map<SeriesId, std::vector<TimedValue>>& series) {
    const std::int64_t dropped_until = catalogue_->dropped_until();
    RawFile raw(directory_ / raw_file_name(hour_ns), Open::create);
    std::uint64_t added = 0;
    std::size_t in_transaction = 0;
    for (auto& [id, samples] : series) {
      std::erase_if(samples, [&](const TimedValue& sample) { return sample.time_ns < dropped_until; });
      std::vector<TimedValue> merged;
      raw.read(hour_ns, id, merged);
      const std::size_t before = merged.size();
      merged.insert(merged.end(), samples.begin(), samples.end());
      sort_and_merge(merged);
      if (merged.size() == before) continue;
      added += merged.size() - before;
      if (in_transaction == 0) raw.begin();
      std::vector<std::int64_t> times;
      std::vector<double> values;
      for (const TimedValue& sample : merged) {
        times.push_back(sample.time_ns);
        values.push_back(sample.value);
      }
      raw.put(hour_ns, id, catalogue_->info(id), times, values);
      if (++in_transaction == kSeriesPerRepair) {
        raw.commit();
        in_transaction = 0;
      }
    }
    if (in_transaction != 0) raw.commit();
    raw.drop_unused_times(hour_ns);
    return added;
  }

  void make_rows() {
    if (disagrees_ || rebuild_) catalogue_->distrust_rows();
    for (const auto& [week, file] : list_files(directory_).raw) {
      if (!disagrees_ && !rebuild_ && !changed_weeks_.contains(week)) continue;
      report_.hour_rows += catalogue_->make_hours(file, !catalogue_->is_torn(torn_week_key(week)), open_hours_);
    }
    if (rebuild_) {
      for (const auto& [month, file] : list_files(directory_).minute) catalogue_->make_hours_from_minutes(file);
    }
    for (const std::int64_t month : changed_months_) catalogue_->distrust_minutes(month);
    report_.day_rows = catalogue_->make_days(now_ns_, open_hours_);
  }

  void find_losses() {
    for (SalvagedFile& file : report_.salvaged) {
      const std::string name = original_name(file.file);
      if (const auto week = raw_file_week(name)) {
        const auto missing = catalogue_->missing_in(directory_ / name, *week, open_hours_);
        file.lost_series = missing.series.size();
        file.lost_samples = missing.samples;
        file.lost_from_ns = missing.from_ns;
        file.lost_to_ns = missing.to_ns;
      } else if (const auto hour = hot_file_hour(name); hour && file.unread_parts != 0) {
        file.lost_from_ns = hour->hour_ns;
        file.lost_to_ns = hour->hour_ns + kHour;
      } else if (const auto month = minute_file_month(name); month && file.unread_parts != 0) {
        file.lost_from_ns = *month;
        file.lost_to_ns = next_month(*month);
      }
    }
  }

  void delete_originals() {
    for (SalvagedFile& file : report_.salvaged) file.deleted = remove_database(directory_ / file.file);
  }

  const fs::path directory_;
  const std::int64_t now_ns_;
  const RepairOptions& options_;
  RepairReport report_;
  Listing listing_;
  std::optional<RepairCatalogue> catalogue_;
  std::set<std::int64_t> open_hours_;      // that have hot files, for the sealer
  std::set<std::int64_t> changed_weeks_;   // that got samples
  std::set<std::int64_t> changed_months_;  // that got minutes
  std::size_t ways_ = 0;                   // of opening the file at hand, so far
  std::uint64_t worst_way_ = 0;            // the most parts that one of them could not read
  bool disagrees_ = false;                 // rows, with what they were made from
  bool rebuild_ = false;                   // the catalogue
};

}  // namespace

bool RepairReport::lost_anything() const {
  return std::any_of(salvaged.begin(), salvaged.end(),
                     [](const SalvagedFile& file) { return file.unread_parts != 0 || file.lost_samples != 0; });
}

Result<RepairReport> repair_history(const fs::path& directory, std::int64_t now_ns, const RepairOptions& options) {
  try {
    if (!fs::exists(directory)) return Error{path_text(directory) + ": there is no history here", PICKET_NOT_FOUND};
    const Result<DirectoryLock> lock = DirectoryLock::acquire(directory);
    if (!lock) return lock.error();
    return Repairer(directory, now_ns, options).run();
  } catch (const std::exception& error) {
    return Error{error.what()};
  }
}

}  // namespace picket::perf_database

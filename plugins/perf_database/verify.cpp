// SPDX-License-Identifier: Apache-2.0
//
// The walk over all files. The order matters beside a daemon that writes: partitions before the catalogue, which always
// knows more than they do; and whatever is gone when it cannot be read was sealed or dropped meanwhile.
#include "verify.hpp"

#include <algorithm>
#include <map>

#include "files.hpp"
#include "hot_reader.hpp"
#include "verify_rows.hpp"

namespace picket::perf_database {
namespace {

namespace fs = std::filesystem;

Verdict verdict_of(const std::exception& error) {
  if (dynamic_cast<const VersionError*>(&error) != nullptr) return Verdict::newer;
  if (dynamic_cast<const DamageError*>(&error) != nullptr) return Verdict::damaged;
  const auto* const sql = dynamic_cast<const SqlError*>(&error);
  return sql != nullptr && sql->damaged() ? Verdict::damaged : Verdict::unreadable;
}

using IdentityMap = std::map<SeriesId, SeriesInfo>;

bool same_series(const SeriesInfo& a, const SeriesInfo& b) {
  return a.host == b.host && a.source == b.source && a.name == b.name && a.attributes == b.attributes;
}

class Verifier {
 public:
  Verifier(fs::path directory, const VerifyOptions& options)
      : directory_(std::move(directory)),
        options_(options),
        listing_(list_files(directory_)),
        progress_(options, directory_bytes(directory_)) {}

  Verification run() {
    rows_ = options_.deep ? std::make_unique<RowChecker>(directory_) : nullptr;
    for (const auto& entry : listing_.raw) {
      const std::int64_t week = entry.first;
      const fs::path& path = entry.second;
      check("raw", path, week, week + kWeek, [&](CheckedFile& file) {
        HourSums sums;
        if (rows_) sums = [this](std::int64_t hour, SeriesId id, const Aggregate& sum) { rows_->add(hour, id, sum); };
        verify_raw(path, week, file, progress_, sums);
        read_identities<FileKind::raw>(path, file);
      });
    }
    for (const auto& entry : listing_.minute) {
      const std::int64_t month = entry.first;
      const fs::path& path = entry.second;
      check("minute", path, month, next_month(month), [&](CheckedFile& file) {
        HourSums sums;
        if (rows_) {
          sums = [this](std::int64_t hour, SeriesId id, const Aggregate& sum) { rows_->add_minutes(hour, id, sum); };
        }
        verify_minutes(path, month, file, progress_, sums);
        if (rows_) rows_->end_minutes();
        read_identities<FileKind::minute>(path, file);
      });
    }
    for (const HotPart& part : listing_.hot) {
      check("hot", part.file, part.hour_ns, part.hour_ns + kHour, [&](CheckedFile& file) {
        verify_hot(part.file, part.hour_ns, file, progress_);
        read_identities<FileKind::hot>(part.file, file);
      });
    }
    const fs::path meta = directory_ / kMetaFile;
    check("meta", meta, 0, 0, [&](CheckedFile& file) {
      verify_meta(meta, file, progress_);
      check_identities(meta, file);
      Findings findings(file);
      if (rows_) rows_->finish(findings);
    });
    std::rotate(result_.files.begin(), result_.files.end() - 1, result_.files.end());
    for (const fs::path& path : listing_.damaged) {
      CheckedFile file{path_text(path.filename()), "", 0, 0, 0, 0, file_bytes(path), Verdict::set_aside, 1, {}};
      file.problems.emplace_back("was found damaged and set aside: `picket db repair` brings back what can be read");
      result_.files.push_back(std::move(file));
    }
    return std::move(result_);
  }

 private:
  void check(const char* kind, const fs::path& path, std::int64_t from, std::int64_t to,
             const std::function<void(CheckedFile&)>& look) {
    CheckedFile file{path_text(path.filename()), kind, from, to, 0, 0, file_bytes(path), Verdict::good, 0, {}};
    try {
      look(file);
    } catch (const VerifyCancelled&) {
      throw;
    } catch (const std::exception& error) {
      if (file.kind != "meta" && !fs::exists(path)) return;
      Findings(file).add(verdict_of(error), error.what());
    }
    progress_.next_file(file.bytes);
    result_.files.push_back(std::move(file));
  }

  template <FileKind kKind>
  void read_identities(const fs::path& path, CheckedFile& file) {
    const Database database = open_for_reading(path, kKind);
    Statement rows = database.prepare(kSelectSeries);
    while (rows.step()) {
      auto [id, info] = read_series(rows);
      identities_[file.file].emplace(id, std::move(info));
    }
  }

  // Each partition stands alone, so each has a copy of its part of the catalogue.
  void check_identities(const fs::path& meta, const CheckedFile& meta_file) {
    if (meta_file.verdict != Verdict::good) return;
    const Database database = open_for_reading(meta, FileKind::meta);
    IdentityMap catalogue;
    Statement rows = database.prepare(kSelectSeries);
    while (rows.step()) catalogue.insert(read_series(rows));
    for (CheckedFile& file : result_.files) {
      for (const auto& [id, info] : identities_[file.file]) {
        const auto known = catalogue.find(id);
        if (known != catalogue.end() && same_series(known->second, info)) continue;
        Findings(file).add(Verdict::damaged, "series " + std::to_string(id) + " is " + info.name + " here, and " +
                                                 (known == catalogue.end() ? "unknown" : known->second.name) +
                                                 " in the catalogue");
      }
    }
  }

  const fs::path directory_;
  const VerifyOptions& options_;
  const Listing listing_;
  VerifyProgress progress_;
  std::unique_ptr<RowChecker> rows_;
  std::map<std::string, IdentityMap> identities_;  // by file
  Verification result_;
};

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::good:
      return "good";
    case Verdict::damaged:
      return "damaged";
    case Verdict::disagrees:
      return "disagrees";
    case Verdict::set_aside:
      return "set aside";
    case Verdict::unreadable:
      return "unreadable";
    case Verdict::newer:
      break;
  }
  return "newer version";
}

bool Verification::good() const {
  return std::all_of(files.begin(), files.end(), [](const CheckedFile& f) { return f.verdict == Verdict::good; });
}

void Findings::add(Verdict verdict, std::string problem) {
  // Damage is worse than rows that disagree, whichever is found first.
  if (file_.verdict == Verdict::good || file_.verdict == Verdict::disagrees) file_.verdict = verdict;
  ++file_.problem_count;
  if (file_.problems.size() < kMaxProblems) file_.problems.push_back(std::move(problem));
}

void VerifyProgress::at(std::uint64_t bytes_of_file) {
  if (options_.cancelled && options_.cancelled()) throw VerifyCancelled();
  if (!options_.progress || total_ == 0) return;
  options_.progress(std::min(1.0, static_cast<double>(done_ + bytes_of_file) / static_cast<double>(total_)));
}

void VerifyProgress::next_file(std::uint64_t bytes) {
  done_ += bytes;
  at(0);
}

Result<Verification> verify_history(const fs::path& directory, const VerifyOptions& options) {
  try {
    if (!fs::exists(directory)) return Error{path_text(directory) + ": there is no history here", PICKET_NOT_FOUND};
    Listing listing = list_files(directory);
    if (!fs::exists(directory / kMetaFile) && listing.raw.empty() && listing.minute.empty() && listing.hot.empty() &&
        listing.damaged.empty()) {
      return Error{path_text(directory) + ": there is no history here (no " + kMetaFile + ")", PICKET_NOT_FOUND};
    }
    Verification found = Verifier(directory, options).run();
    if (options.progress) options.progress(1);
    return found;
  } catch (const VerifyCancelled&) {
    return Error{"ended early", PICKET_CANCELLED};
  } catch (const std::exception& error) {
    return Error{error.what()};
  }
}

}  // namespace picket::perf_database

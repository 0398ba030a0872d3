// SPDX-License-Identifier: Apache-2.0
//
// Reads all of a history and says what is wrong with it. Changes nothing, takes no lock, and holds a read only for a
// slice of a file at a time, so that a daemon that writes meanwhile is not held up. Called by the command `verify`, on
// its thread, and by repair.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "picket/result.hpp"
#include "records.hpp"
#include "schema.hpp"

namespace picket::perf_database {

enum class Verdict {
  good,
  damaged,     // its content
  disagrees,   // it can be read, but some of its rows do not fit what they were made from
  set_aside,   // found damaged before
  unreadable,  // not for this user, or not now
  newer,       // of a later version than this program knows
};

std::string_view verdict_name(Verdict verdict);

struct CheckedFile {
  std::string file;          // its name in the directory
  std::string kind;          // meta, hot, raw, minute
  std::int64_t from_ns = 0;  // the time it is for; both 0: no certain one
  std::int64_t to_ns = 0;
  std::uint64_t series = 0;
  std::uint64_t samples = 0;
  std::uint64_t bytes = 0;
  Verdict verdict = Verdict::good;
  std::uint64_t problem_count = 0;
  std::vector<std::string> problems;  // the first kMaxProblems of them
};

inline constexpr std::size_t kMaxProblems = 20;

struct Verification {
  std::vector<CheckedFile> files;  // catalogue, then partitions by time, then what is set aside
  bool good() const;
};

struct VerifyOptions {
  bool deep = false;                          // minutes, hour and day rows are held against what they were made from
  std::function<void(double part)> progress;  // from 0 to 1
  std::function<bool()> cancelled;            // asked often; true ends it
};

// NOT_FOUND: there is no history; CANCELLED: it was ended.
Result<Verification> verify_history(const std::filesystem::path& directory, const VerifyOptions& options);

// --- parts of it ---------------------------------------------------------------------------------------------------

// Collects what is wrong with one file.
class Findings {
 public:
  explicit Findings(CheckedFile& file) : file_(file) {}
  void add(Verdict verdict, std::string problem);

 private:
  CheckedFile& file_;
};

// How many bytes of work are done.
class VerifyProgress {
 public:
  VerifyProgress(const VerifyOptions& options, std::uint64_t bytes) : options_(options), total_(bytes) {}
  // Throws VerifyCancelled.
  void at(std::uint64_t bytes_of_file);
  void next_file(std::uint64_t bytes);

 private:
  const VerifyOptions& options_;
  std::uint64_t total_;
  std::uint64_t done_ = 0;
};
class VerifyCancelled : public std::exception {};

// What the rows of the hour tier are held against.
using HourSums = std::function<void(std::int64_t hour_ns, SeriesId series, const Aggregate& sum)>;

// The chunks of a raw partition for the week that begins at `week_ns`; `sums` (may be null) gets what they add up to.
void verify_raw(const std::filesystem::path& path, std::int64_t week_ns, CheckedFile& file, VerifyProgress& progress,
                const HourSums& sums);
// The same of a partition of minutes. An hour may come in two parts, one after the other.
void verify_minutes(const std::filesystem::path& path, std::int64_t month_ns, CheckedFile& file,
                    VerifyProgress& progress, const HourSums& sums);
void verify_hot(const std::filesystem::path& path, std::int64_t hour_ns, CheckedFile& file, VerifyProgress& progress);
// The catalogue and the rows of meta.db by themselves.
void verify_meta(const std::filesystem::path& path, CheckedFile& file, VerifyProgress& progress);

// Says in `findings` what integrity_check found. True: nothing.
bool check_integrity(const Database& database, Findings& findings);

}  // namespace picket::perf_database

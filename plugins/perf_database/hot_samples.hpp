// SPDX-License-Identifier: Apache-2.0
//
// What the hot files hold of some series, read in one pass over each: as samples, or added up to buckets where nothing
// else can have part in them. One thread. Throws SqlError.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "files.hpp"
#include "hot_reader.hpp"
#include "once_filter.hpp"
#include "raw_file.hpp"

namespace picket::perf_database {

class HotSamples {
 public:
  // REQUIRES: `series` ascending; borrowed
  HotSamples(std::span<const SeriesId> series, std::int64_t from_ns, std::int64_t to_ns, std::int64_t step_ns)
      : series_(series), from_(from_ns), to_(to_ns), step_(step_ns) {}

  // Takes a snapshot of a hot file. A file that is gone was sealed meanwhile, and is no error: its samples are where
  // sealed ones are, provided that those are looked at later.
  void open(const HotPart& part);
  // Reads what was opened, and lets go of it. `has_sealed` says whether samples of an hour are in its raw partition
  // too; asked after the snapshots were taken, so that no sample is in neither.
  void load(const std::function<bool(std::int64_t hour_ns)>& has_sealed);

  struct Bucket {
    std::int64_t start_ns;
    Aggregate sum;
  };
  struct Hour {
    bool merge = false;                            // with sealed ones of the same hour
    std::vector<std::vector<TimedValue>> samples;  // by slot; in order of arrival
    std::vector<std::vector<Bucket>> buckets;      // by slot; instead of samples
  };
  const std::map<std::int64_t, Hour>& hours() const { return hours_; }
  // Frees the samples of one series in one hour.
  std::vector<TimedValue> take(std::int64_t hour_ns, std::size_t slot) {
    return std::move(hours_.at(hour_ns).samples[slot]);
  }

  const std::string& problem() const { return problem_; }

 private:
  std::size_t scan_samples(HotReader& reader, Hour& hour);
  std::size_t scan_buckets(HotReader& reader, Hour& hour);

  const std::span<const SeriesId> series_;
  const std::int64_t from_;
  const std::int64_t to_;
  const std::int64_t step_;
  std::map<std::int64_t, std::vector<HotReader>> readers_;  // by hour
  std::map<std::int64_t, Hour> hours_;
  std::string problem_;
};

}  // namespace picket::perf_database

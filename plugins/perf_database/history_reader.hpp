// SPDX-License-Identifier: Apache-2.0
//
// Reads a history, whether a daemon writes it or not: takes no lock, opens what it needs for one question and closes
// it, and never holds a read transaction while it calls out. Any thread; every call stands alone.
#pragma once

#include <filesystem>
#include <string_view>

#include "picket/result.hpp"
#include "range_read.hpp"

namespace picket::perf_database {

struct StoredSeries {
  SeriesId id = 0;
  SeriesInfo info;
  std::int64_t first_ns = 0;  // of any tier; both 0 when nothing is kept
  std::int64_t last_ns = 0;
};

// `*` is any text, `?` any one byte; an empty pattern matches everything.
bool matches_glob(std::string_view text, std::string_view pattern);

class HistoryReader {
 public:
  explicit HistoryReader(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // The series whose name matches, by name, source, attributes, host. `fn` returns false to end early (CANCELLED).
  // NOT_FOUND: there is no history.
  Result<void> series(std::string_view name, const std::function<bool(const StoredSeries&)>& fn) const;

  // See picket_history.points. What is damaged is left out, and named by the error that then ends the read. NOT_FOUND:
  // there is no such series.
  Result<void> points(SeriesId series, std::int64_t from_ns, std::int64_t to_ns, std::int64_t step_ns,
                      const PointsFn& fn) const;

  // See picket_history.points_of: `fn` gets the position in `series`, which may hold any ids in any order. When
  // `any_exists` is given, it says whether any of them is in the catalogue.
  Result<void> points_of(std::span<const SeriesId> series, RangeRead::Range range, const SlotPointsFn& fn,
                         bool* any_exists = nullptr) const;

 private:
  std::size_t slots_per_pass(const RangeRead::Range& range) const;

  const std::filesystem::path directory_;
};

}  // namespace picket::perf_database

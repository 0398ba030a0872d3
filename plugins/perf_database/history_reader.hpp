// SPDX-License-Identifier: Apache-2.0
//
// Reads a history, whether a daemon writes it or not: takes no lock, opens what it needs for one question and closes
// it, and never holds a read transaction while it calls out. Any thread; every call stands alone.
#pragma once

#include <filesystem>
#include <string_view>

#include "picket/result.hpp"
#include "point_stream.hpp"

namespace picket::perf_database {

struct StoredSeries {
  SeriesId id = 0;
  SeriesInfo info;
  std::int64_t first_ns = 0;  // of any tier; both 0 when nothing is kept
  std::int64_t last_ns = 0;
};

// `*` is any text, `?` any one byte; an empty pattern matches everything.
bool matches_glob(std::string_view text, std::string_view pattern);

// Points of the `slot`-th series; false ends the read.
using SlotPointsFn = std::function<bool(std::size_t slot, std::span<const picket_history_point> points)>;

class HistoryReader {
 public:
  explicit HistoryReader(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // The series whose name matches, by name, source, attributes, host. `fn` returns false to end early (CANCELLED).
  // NOT_FOUND: there is no history.
  Result<void> series(std::string_view name, const std::function<bool(const StoredSeries&)>& fn) const;

  // See picket_history.points. What is damaged is left out, and named by the error that then ends the read.
  Result<void> points(SeriesId series, std::int64_t from_ns, std::int64_t to_ns, std::int64_t step_ns,
                      PointsFn fn) const;

  // See picket_history.points_of. An id that does not exist has no points; damage as above.
  struct Range {
    std::int64_t from_ns;
    std::int64_t to_ns;
    std::int64_t step_ns;
  };
  Result<void> points_of(std::span<const SeriesId> series, Range range, const SlotPointsFn& fn) const;

 private:
  const std::filesystem::path directory_;
};

}  // namespace picket::perf_database

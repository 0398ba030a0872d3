// SPDX-License-Identifier: Apache-2.0
//
// Turns a reader that pushes into a cursor that is pulled: asks HistoryReader for one stretch of time after the other,
// short at first (a LIMIT may end it soon), longer while little comes, and keeps the rows of one stretch in memory.
// Between two stretches no file is open. One thread.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "history_reader.hpp"

namespace picket::perf_database::extension {

struct Row {
  std::int64_t time_ns = 0;
  std::uint32_t index = 0;  // of the series in the list that was asked about
  double minimum = 0;
  double maximum = 0;
  double mean = 0;
  double last = 0;
  std::uint64_t count = 0;
  double rate = std::numeric_limits<double>::quiet_NaN();  // per second; NaN: none
};

// The rate of a counter from one row to the next of the same series. Where it went back it has begun again from zero.
// None for the first row, for a value that is no number, and for two rows of one time.
class RateMaker {
 public:
  double add(const Row& row);

 private:
  bool started_ = false;
  std::int64_t time_ns_ = 0;
  double last_ = 0;
};

struct PagerLimits {
  std::size_t first_rows = 8'192;  // about what the first stretch is to give
  std::size_t max_rows = 131'072;  // what one may give: some 8 MiB. More only if it all lies within one millisecond
};

class Pager {
 public:
  struct Series {
    SeriesId id;
    bool is_counter;
  };

  // `step_ns` 0: samples; else buckets, none of which is divided.
  Pager(HistoryReader reader, std::vector<Series> series, std::int64_t from_ns, std::int64_t to_ns,
        std::int64_t step_ns, PagerLimits limits = {});

  // Ascending times; of one time in the order of the series. Null at the end. Valid until the next call.
  const Row* next();

  // What could not be read; empty: nothing. Rows go on meanwhile: it is whole after the last one.
  const std::string& problem() const { return problem_; }

 private:
  void fill();
  void read(std::int64_t end);
  std::int64_t end_of_stretch() const;
  void adapt(bool too_much);

  const HistoryReader reader_;
  std::vector<SeriesId> ids_;
  std::vector<bool> is_counter_;
  std::vector<RateMaker> rates_;
  std::int64_t from_;
  const std::int64_t to_;
  const std::int64_t step_;
  const PagerLimits limits_;
  std::int64_t span_ = 0;
  bool too_much_ = false;
  std::vector<Row> rows_;
  std::size_t at_ = 0;
  std::string problem_;
};

}  // namespace picket::perf_database::extension

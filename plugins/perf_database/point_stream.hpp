// SPDX-License-Identifier: Apache-2.0
//
// Gathers what a read finds, in order of time, into raw points or buckets, and hands them on in chunks. Used by
// HistoryReader, on its caller's thread.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "picket/ext/history.h"
#include "records.hpp"

namespace picket::perf_database {

// False ends the read.
using PointsFn = std::function<bool(std::span<const picket_history_point> points)>;

class PointStream {
 public:
  // `step_ns` 0: every sample by itself; else buckets aligned to its multiples.
  PointStream(std::int64_t step_ns, PointsFn fn) : step_ns_(step_ns), fn_(std::move(fn)) {}

  void add(std::int64_t time_ns, double value);
  // Several samples in one, whose exact times are no longer known.
  void add(std::int64_t time_ns, const Aggregate& sum);
  void finish();
  bool cancelled() const { return cancelled_; }

 private:
  void emit(std::int64_t time_ns, const Aggregate& sum);
  void flush();

  static constexpr std::size_t kChunk = 1'024;  // points
  const std::int64_t step_ns_;
  const PointsFn fn_;
  std::vector<picket_history_point> points_;
  std::int64_t bucket_ns_ = 0;
  Aggregate bucket_;
  bool cancelled_ = false;
};

}  // namespace picket::perf_database

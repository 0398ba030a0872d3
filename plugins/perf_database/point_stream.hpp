// SPDX-License-Identifier: Apache-2.0
//
// The last stage of a read: takes the samples and sums of one series in order of time, and hands out raw points or
// buckets in chunks. One thread per object.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "calendar.hpp"
#include "picket/ext/history.h"
#include "records.hpp"

namespace picket::perf_database {

// False ends the read.
using PointsFn = std::function<bool(std::span<const picket_history_point> points)>;

class PointStream {
 public:
  // `step_ns` 0: every sample by itself; else buckets aligned to its multiples. `chunk`: points handed out at once.
  PointStream(std::int64_t step_ns, std::size_t chunk, PointsFn fn)
      : step_ns_(step_ns), chunk_(chunk), fn_(std::move(fn)) {}

  void add(std::int64_t time_ns, double value) {
    if (step_ns_ == 0) return emit(time_ns, {1, value, value, value, value});
    if (time_ns < bucket_ns_ || time_ns >= bucket_end_ns_) begin_bucket(time_ns);
    bucket_.add(value);
  }
  // Several samples in one, whose exact times are no longer known.
  void add(std::int64_t time_ns, const Aggregate& sum) {
    if (step_ns_ == 0) return emit(time_ns, sum);
    if (time_ns < bucket_ns_ || time_ns >= bucket_end_ns_) begin_bucket(time_ns);
    bucket_.merge(sum);
  }
  void finish();
  bool cancelled() const { return cancelled_; }

 private:
  void begin_bucket(std::int64_t time_ns) {
    emit(bucket_ns_, bucket_);
    bucket_ = {};
    const bool is_next = time_ns >= bucket_end_ns_ && time_ns - bucket_end_ns_ < step_ns_;
    bucket_ns_ = is_next ? bucket_end_ns_ : floor_to(time_ns, step_ns_);  // mostly spares a division
    bucket_end_ns_ = step_ns_ > kForever - bucket_ns_ ? kForever : bucket_ns_ + step_ns_;
  }
  void emit(std::int64_t time_ns, const Aggregate& sum) {
    if (sum.count == 0 || cancelled_) return;
    points_.push_back({time_ns, sum.minimum, sum.maximum, sum.mean(), sum.last, sum.count});
    if (points_.size() >= chunk_) flush();
  }
  void flush();

  std::int64_t step_ns_;
  std::size_t chunk_;
  PointsFn fn_;
  std::vector<picket_history_point> points_;
  std::int64_t bucket_ns_ = 0;  // its start, and where the next begins
  std::int64_t bucket_end_ns_ = 0;
  Aggregate bucket_;
  bool cancelled_ = false;
};

}  // namespace picket::perf_database

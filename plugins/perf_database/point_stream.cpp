// SPDX-License-Identifier: Apache-2.0
#include "point_stream.hpp"

#include "calendar.hpp"

namespace picket::perf_database {

void PointStream::add(std::int64_t time_ns, double value) {
  if (step_ns_ == 0) return emit(time_ns, {1, value, value, value, value});
  add(time_ns, Aggregate{1, value, value, value, value});
}

void PointStream::add(std::int64_t time_ns, const Aggregate& sum) {
  if (step_ns_ == 0) return emit(time_ns, sum);
  const std::int64_t start = floor_to(time_ns, step_ns_);
  if (bucket_.count != 0 && start != bucket_ns_) {
    emit(bucket_ns_, bucket_);
    bucket_ = {};
  }
  bucket_ns_ = start;
  bucket_.merge(sum);
}

void PointStream::emit(std::int64_t time_ns, const Aggregate& sum) {
  if (sum.count == 0 || cancelled_) return;
  points_.push_back({time_ns, sum.minimum, sum.maximum, sum.mean(), sum.last, sum.count});
  if (points_.size() >= kChunk) flush();
}

void PointStream::flush() {
  if (!points_.empty() && !cancelled_) cancelled_ = !fn_(points_);
  points_.clear();
}

void PointStream::finish() {
  emit(bucket_ns_, bucket_);
  bucket_ = {};
  flush();
}

}  // namespace picket::perf_database

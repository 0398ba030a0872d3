// SPDX-License-Identifier: Apache-2.0
#include "point_stream.hpp"

namespace picket::perf_database {

void PointStream::begin_bucket(std::int64_t time_ns) {
  emit(bucket_ns_, bucket_);
  bucket_ = {};
  const bool is_next = time_ns >= bucket_end_ns_ && time_ns - bucket_end_ns_ < step_ns_;
  bucket_ns_ = is_next ? bucket_end_ns_ : floor_to(time_ns, step_ns_);  // mostly spares a division
  bucket_end_ns_ = step_ns_ > kForever - bucket_ns_ ? kForever : bucket_ns_ + step_ns_;
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

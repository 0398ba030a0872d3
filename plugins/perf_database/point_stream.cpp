// SPDX-License-Identifier: Apache-2.0
#include "point_stream.hpp"

namespace picket::perf_database {

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

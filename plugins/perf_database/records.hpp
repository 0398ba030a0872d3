// SPDX-License-Identifier: Apache-2.0
//
// The plain data that the parts of the store hand to each other: series, samples, sums, kept events. Values without
// behaviour; any thread.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace picket::perf_database {

// Dense, from 1, never reused within one history. 0: none.
using SeriesId = std::uint32_t;

// A chunk's key has 27 bits for it.
inline constexpr SeriesId kMaxSeriesId = (1U << 27U) - 1;

struct SeriesInfo {
  // What makes it this series.
  std::string host;
  std::string source;
  std::string name;
  std::string attributes = "{}";  // JSON object, keys sorted, no spaces
  // What is known about it.
  std::string unit;
  std::uint32_t instrument = 0;  // PICKET_INSTRUMENT_...
  std::int32_t decimals = -1;    // 0..15; -1: not known
};

struct Sample {
  SeriesId series;
  double value;
};

// All samples of one time that came together.
struct Tick {
  std::int64_t time_ns;
  std::vector<Sample> samples;
};

// Samples of one series over some time. NaN is "no measurement": it is stored, and never summed.
struct Aggregate {
  std::uint64_t count = 0;
  double minimum = 0;
  double maximum = 0;
  double sum = 0;
  double last = 0;

  void add(double value) {
    if (std::isnan(value)) return;
    minimum = count == 0 || value < minimum ? value : minimum;
    maximum = count == 0 || value > maximum ? value : maximum;
    sum += value;
    last = value;
    ++count;
  }

  // `later` comes after everything in here.
  void merge(const Aggregate& later) {
    if (later.count == 0 || std::isnan(later.last)) return;
    minimum = count == 0 ? later.minimum : std::min(minimum, later.minimum);
    maximum = count == 0 ? later.maximum : std::max(maximum, later.maximum);
    sum += later.sum;
    last = later.last;
    count += later.count;
  }

  // The mean of one sample is that sample, also where a division would not give it back.
  double mean() const { return count == 1 ? sum : sum / static_cast<double>(count); }
};

// One row of the minute, hour or day tier.
struct Bucket {
  SeriesId series = 0;
  std::int64_t time_ns = 0;  // its start
  Aggregate sum;
};

// An event that is no metric, kept as a plain row so that a chart can be annotated.
struct EventRow {
  std::int64_t time_ns = 0;
  std::string kind;
  std::string source;
  std::uint32_t severity = 0;  // PICKET_SEVERITY_...
  std::string message;
  std::string fields = "{}";  // JSON object
};

// `level`: PICKET_LOG_...
using Log = std::function<void(std::uint32_t level, const std::string& message)>;

}  // namespace picket::perf_database

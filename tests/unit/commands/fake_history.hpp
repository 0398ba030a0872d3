// SPDX-License-Identifier: Apache-2.0
//
// What the verbs that read history are tested with: a history in memory that cuts buckets as a store does, a zone with
// the rules of Central Europe, a clock that stands still, and a verb's surroundings made of them.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "commands/history.hpp"
#include "commands/series_select.hpp"
#include "commands/surroundings.hpp"
#include "picket/host.h"
#include "platform/clock.hpp"
#include "platform/utc_time.hpp"

namespace picket::commands {

inline std::int64_t at(const std::string& utc) {
  return platform::parse_utc(utc).value();
}

inline picket_history_point sample(std::int64_t time_ns, double value) {
  return {time_ns, value, value, value, value, 1};
}

// UTC+1, and UTC+2 from the last Sunday of March, 01:00 UTC, to that of October, 01:00 UTC (directive 2000/84/EC).
class BerlinZone final : public platform::TimeZone {
 public:
  std::int64_t offset_ns(std::int64_t utc_ns) const override {
    using std::chrono::Sunday;
    const std::chrono::sys_time<std::chrono::nanoseconds> time{std::chrono::nanoseconds(utc_ns)};
    const auto year = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time)).year();
    const auto begin = std::chrono::sys_days(year / std::chrono::March / Sunday[std::chrono::last]);
    const auto end = std::chrono::sys_days(year / std::chrono::October / Sunday[std::chrono::last]);
    const bool summer = time >= begin + std::chrono::hours(1) && time < end + std::chrono::hours(1);
    return (summer ? 2 : 1) * platform::kHour;
  }
};

class FakeClock final : public platform::Clock {
 public:
  std::int64_t monotonic_ns() const override { return monotonic += step; }
  std::int64_t wall_ns() const override { return wall; }

  std::int64_t wall = 0;
  mutable std::int64_t monotonic = 0;
  std::int64_t step = 0;  // by which every look moves it
};

class FakeHistory final : public History {
 public:
  void add(Series series, std::vector<picket_history_point> points) {
    series.id = series_.size() + 1;
    points_[series.id] = std::move(points);
    series_.push_back(std::move(series));
  }
  void add_gauge(const std::string& name, const std::string& attributes, const std::string& unit,
                 std::vector<picket_history_point> points) {
    add({0, PICKET_INSTRUMENT_GAUGE, "box", "host", name, attributes, unit}, std::move(points));
  }
  void add_counter(const std::string& name, const std::string& attributes, const std::string& unit,
                   std::vector<picket_history_point> points) {
    add({0, PICKET_INSTRUMENT_COUNTER, "box", "host", name, attributes, unit}, std::move(points));
  }

  Result<std::vector<Series>> series(const std::string& glob, std::size_t limit) override {
    if (broken) return Error{"the file is damaged"};
    std::vector<Series> found;
    for (const Series& series : series_) {
      if (glob.empty() || matches_glob(series.name, glob)) found.push_back(series);
    }
    if (found.size() > limit) return Error{"too many", PICKET_LIMIT};
    return found;
  }

  Result<void> points_of(std::span<const std::uint64_t> series, std::int64_t from_ns, std::int64_t to_ns,
                         std::int64_t step_ns, const PointsOfFn& each) override {
    steps.push_back(step_ns);
    for (std::size_t i = 0; i < series.size(); ++i) {
      std::vector<picket_history_point> found;
      for (const picket_history_point& point : points_[series[i]]) {
        if (point.time_ns >= from_ns && point.time_ns < to_ns) gather(found, point, step_ns);
      }
      if (!each(i, found)) return {};
    }
    if (damaged) return Error{"2026-W10.raw: is damaged"};
    return {};
  }

  bool broken = false;              // nothing can be read
  bool damaged = false;             // all that is here can, and more cannot
  std::vector<std::int64_t> steps;  // asked for

 private:
  static void gather(std::vector<picket_history_point>& found, const picket_history_point& point, std::int64_t step) {
    const std::int64_t start = step == 0 ? point.time_ns : point.time_ns / step * step;
    if (step == 0 || found.empty() || found.back().time_ns != start) {
      found.push_back(point);
      found.back().time_ns = start;
      return;
    }
    picket_history_point& bucket = found.back();
    const auto before = static_cast<double>(bucket.count);
    const auto more = static_cast<double>(point.count);
    bucket.minimum = std::min(bucket.minimum, point.minimum);
    bucket.maximum = std::max(bucket.maximum, point.maximum);
    bucket.mean = (bucket.mean * before + point.mean * more) / (before + more);
    bucket.last = point.last;
    bucket.count += point.count;
  }

  std::vector<Series> series_;
  std::map<std::uint64_t, std::vector<picket_history_point>> points_;
};

// A verb's surroundings as strings.
class FakeSurroundings {
 public:
  explicit FakeSurroundings(std::int64_t now_ns) { clock.wall = now_ns; }

  Surroundings get() {
    out.str("");
    err.str("");
    return {out, err, terminal, [](const std::string&) -> std::optional<std::string> { return {}; }, clock, *zone};
  }

  std::ostringstream out, err;
  platform::Terminal terminal;
  FakeClock clock;
  const platform::TimeZone* zone = &platform::utc_zone();
};

}  // namespace picket::commands

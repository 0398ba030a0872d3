// SPDX-License-Identifier: Apache-2.0
//
// What is in the histories under fixtures/: the same samples and events in each, written by the version in the file's
// name. upgrade_fixture.cpp writes them, upgrade_test.cpp expects them. Never change what is here: histories that were
// written cannot change either.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "calendar.hpp"
#include "records.hpp"

namespace picket::perf_database::upgrade {

inline constexpr std::int64_t kBegin = 20'000 * kDay;               // a Friday, 00:00 UTC
inline constexpr std::int64_t kSecondWeek = 20'003 * kDay;          // the Monday after it
inline constexpr std::int64_t kLastHour = kSecondWeek + 2 * kHour;  // not sealed when it was written
inline constexpr std::int64_t kStep = 10 * kSecond;

inline std::vector<SeriesInfo> series() {
  return {{"box", "host", "constant", "{}", "By", 1, -1},
          {"box", "host", "counter", R"({"device":"sda"})", "{operation}", 2, 0},
          {"box", "host", "decimal", R"({"cpu":0,"mode":"user"})", "%", 1, 1},
          {"box", "host", "ratio", "{}", "1", 1, -1},
          {"box", "host", "noise", "{}", "1", 1, -1},
          {"other", "remote", "odd", R"({"umlaut":"\u00e4"})", "", 0, -1},
          {"box", "host", "first_week_only", "{}", "s", 1, 3}};
}

// Of series()[index] at a time; every bit counts.
inline double value(std::size_t index, std::int64_t time_ns) {
  const std::int64_t n = (time_ns - kBegin) / kStep;
  const std::uint64_t mixed = (static_cast<std::uint64_t>(n) + 1) * 0x9E3779B97F4A7C15ULL;
  switch (index) {
    case 0:
      return 4'096;
    case 1:
      return static_cast<double>(n * n);
    case 2:
      return static_cast<double>(mixed >> 54U) / 10;
    case 3:
      return static_cast<double>(mixed >> 58U) / 63;
    case 4:
      return static_cast<double>(mixed >> 11U) / 9'007'199'254'740'992.0;
    case 5: {
      const double odd[] = {-0.0, 5e-324, std::numeric_limits<double>::infinity(), -1e308,
                            std::bit_cast<double>(std::uint64_t{0x7FF8'0000'0000'1234})};
      return odd[n % 5];
    }
    default:
      return static_cast<double>(n % 1'000) / 1'000;
  }
}

// In the order in which they were delivered: four hours, one late sample, two hours of the next week, half an hour that
// is not sealed, and a clock that steps back five minutes in it.
inline std::vector<std::int64_t> times() {
  std::vector<std::int64_t> times;
  const auto add = [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t time = from; time < to; time += kStep) times.push_back(time);
  };
  add(kBegin, kBegin + 4 * kHour);
  times.push_back(kBegin + kHour + 1);
  add(kSecondWeek, kLastHour + 30 * kMinute);
  add(kLastHour + 25 * kMinute + 1, kLastHour + 35 * kMinute);
  return times;
}

// Which of series() have a sample at that time.
inline bool has(std::size_t index, std::int64_t time_ns) {
  return index != 6 || time_ns < kSecondWeek;
}

inline std::vector<EventRow> events() {
  return {{kBegin + kMinute, "alert", "rules", 5, "load is high", R"({"value":7.5})"},
          {kBegin + kHour, "process", "jobs", 6, "web exited with 1", R"({"code":1})"},
          {kLastHour + kMinute, "config", "daemon", 3, "reloaded", "{}"}};
}

}  // namespace picket::perf_database::upgrade

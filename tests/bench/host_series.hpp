// SPDX-License-Identifier: Apache-2.0
//
// Synthetic samples such as hosts have, for the benchmarks of the history: constants, ratios computed from jiffies,
// multiples of pages, bursty and steady counters, mostly zero, half-degree temperatures, full-mantissa rates. The same
// numbers in every run.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

namespace picket::bench {

enum class SeriesKind : std::uint8_t { constant, ratio, pages, bursty, steady, mostly_zero, temperature, rate };

inline constexpr std::array<std::string_view, 8> kSeriesKinds = {"constant", "ratio",       "pages",       "bursty",
                                                                 "steady",   "mostly_zero", "temperature", "rate"};

// Of each twenty series: 3 constants, 5 ratios, 3 of pages, 3 bursty, 2 steady, 2 mostly zero, 1 temperature, 1 rate.
inline SeriesKind kind_of(std::size_t series, std::size_t count) {
  constexpr std::array<std::size_t, 8> kEnds = {3, 8, 11, 14, 16, 18, 19, 20};
  std::size_t kind = 0;
  while (series * 20 / count >= kEnds[kind]) ++kind;
  return static_cast<SeriesKind>(kind);
}

class HostSeries {
 public:
  explicit HostSeries(std::size_t count) : state_(count) {
    for (double& value : state_) value = static_cast<double>(random_() % 1'000);
  }

  double next(std::size_t series) { return next(series, kind_of(series, state_.size())); }

  double next(std::size_t series, SeriesKind kind) {
    double& state = state_[series];
    switch (kind) {
      case SeriesKind::constant:
        return state;
      case SeriesKind::ratio:
        return static_cast<double>(random_() % 30) / (99.0 + static_cast<double>(random_() % 3));
      case SeriesKind::pages:
        return (state += static_cast<double>(random_() % 41) - 20) * 4'096;
      case SeriesKind::bursty:
        return state += random_() % 10 == 0 ? static_cast<double>(random_() % 100'000) : 0;
      case SeriesKind::steady:
        return state += 900 + static_cast<double>(random_() % 200);
      case SeriesKind::mostly_zero:
        return random_() % 200 == 0 ? static_cast<double>(random_() % 50) : 0;
      case SeriesKind::temperature:
        return 40 + std::floor((state = 0.98 * state + static_cast<double>(random_() % 20)) / 10) / 2;
      case SeriesKind::rate:
        break;
    }
    return std::sqrt(static_cast<double>(random_() % 1'000'003));
  }

  // Nanoseconds, below 2 ms.
  std::int64_t jitter() { return static_cast<std::int64_t>(random_() % 2'000) * 1'000; }

 private:
  std::mt19937_64 random_{42};
  std::vector<double> state_;
};

}  // namespace picket::bench

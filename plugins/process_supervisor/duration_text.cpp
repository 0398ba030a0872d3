// SPDX-License-Identifier: Apache-2.0
#include "duration_text.hpp"

#include <array>

namespace picket::process_supervisor {

std::string duration_text(std::int64_t ns) {
  if (ns < 1'000'000'000) return std::to_string(ns < 0 ? 0 : ns / 1'000'000) + "ms";
  const std::int64_t seconds = ns / 1'000'000'000;
  struct Unit {
    std::int64_t seconds;
    const char* name;
  };
  static constexpr std::array<Unit, 4> kUnits = {{{86'400, "d"}, {3'600, "h"}, {60, "m"}, {1, "s"}}};
  std::size_t first = 0;
  while (seconds < kUnits[first].seconds) ++first;
  std::string text = std::to_string(seconds / kUnits[first].seconds) + kUnits[first].name;
  if (first + 1 < kUnits.size()) {
    const std::int64_t rest = seconds % kUnits[first].seconds / kUnits[first + 1].seconds;
    if (rest > 0) text += std::to_string(rest) + kUnits[first + 1].name;
  }
  return text;
}

}  // namespace picket::process_supervisor

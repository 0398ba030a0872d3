// SPDX-License-Identifier: Apache-2.0
//
// Finds exact repetitions (same time, same bits) in samples of one series that come in order of time: what a delivery
// that was offered twice leaves. One thread per object.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <unordered_set>
#include <vector>

namespace picket::perf_database {

class OnceFilter {
 public:
  // REQUIRES: times never go back
  bool is_new(std::int64_t time_ns, double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    if (time_ns != time_ns_ || empty_) {
      time_ns_ = time_ns;
      first_ = bits;
      empty_ = false;
      if (!others_.empty()) others_.clear();
      return true;
    }
    return bits != first_ && others_.insert(bits).second;
  }

 private:
  std::int64_t time_ns_ = 0;
  bool empty_ = true;
  std::uint64_t first_ = 0;
  std::unordered_set<std::uint64_t> others_;  // further ones of that time; hardly ever any
};

}  // namespace picket::perf_database

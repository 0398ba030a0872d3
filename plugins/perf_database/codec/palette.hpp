// SPDX-License-Identifier: Apache-2.0
//
// The few distinct numbers of a run, and each number's place among them. Used by the encoder of packed_integers, on any
// thread.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "bytes.hpp"

namespace picket::perf_database {

inline constexpr std::size_t kMaxPalette = 256;

class Palette {
 public:
  // Nothing when there are more than `limit` distinct numbers. REQUIRES: 1 <= limit <= kMaxPalette, and a number
  static std::optional<Palette> of(std::span<const std::int64_t> numbers, std::size_t limit);

  // Ascending.
  std::span<const std::int64_t> entries() const { return entries_; }

  // REQUIRES: the number is one of the entries
  std::int64_t index(std::int64_t number) const { return places_[find(number)].index; }

 private:
  struct Place {
    std::int64_t number = 0;
    std::int16_t index = kFree;
  };
  static constexpr std::int16_t kFree = -1;
  static constexpr unsigned kPlacesLog = 10;  // four places for each entry keep searches short

  Palette() : places_(std::size_t{1} << kPlacesLog) {}
  std::size_t find(std::int64_t number) const;  // the place that holds it, or the free one where it belongs

  std::vector<std::int64_t> entries_;
  std::vector<Place> places_;
};

}  // namespace picket::perf_database

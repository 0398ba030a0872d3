// SPDX-License-Identifier: Apache-2.0
//
// A hash table with open addressing: each number of the run is looked up twice.
#include "palette.hpp"

#include <algorithm>

namespace picket::perf_database {

std::size_t Palette::find(std::int64_t number) const {
  // Multiplying by 2^64 over the golden ratio spreads neighbours over the upper bits.
  std::size_t at = static_cast<std::uint64_t>(number) * 0x9E3779B97F4A7C15ULL >> (64 - kPlacesLog);
  while (places_[at].index != kFree && places_[at].number != number) at = (at + 1) % places_.size();
  return at;
}

std::optional<Palette> Palette::of(std::span<const std::int64_t> numbers, std::size_t limit) {
  Palette palette;
  for (const std::int64_t number : numbers) {
    Place& place = palette.places_[palette.find(number)];
    if (place.index != kFree) continue;
    if (palette.entries_.size() == limit) return std::nullopt;
    place = {number, 0};
    palette.entries_.push_back(number);
  }
  std::sort(palette.entries_.begin(), palette.entries_.end());
  std::int16_t index = 0;
  for (const std::int64_t number : palette.entries_) palette.places_[palette.find(number)].index = index++;
  return palette;
}

}  // namespace picket::perf_database

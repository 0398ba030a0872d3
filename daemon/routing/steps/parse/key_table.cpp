// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/parse/key_table.hpp"

#include <cstring>

namespace picket::routing::parse {

std::uint64_t hash_key(std::string_view key) {
  constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15U;  // 2^64 over the golden ratio, odd
  std::uint64_t hash = key.size() * kFactor;
  const auto mix = [&](std::uint64_t word) {
    hash = (hash ^ word) * kFactor;
    hash ^= hash >> 32U;
  };
  std::uint64_t word = 0;
  while (key.size() >= sizeof word) {
    std::memcpy(&word, key.data(), sizeof word);
    mix(word);
    key.remove_prefix(sizeof word);
  }
  word = 0;
  if (!key.empty()) std::memcpy(&word, key.data(), key.size());
  mix(word);
  return hash;
}

picket_name KeyTable::find(std::string_view key, std::uint64_t hash) {
  Place& place = places_[hash % kPlaces];
  const std::uint32_t name_count = names_.size();
  if (place.hash == hash && place.key == key && (place.name != 0 || place.name_count == name_count)) return place.name;
  const picket_name name = names_.find(key);
  if (key.size() <= Names::kMaxLength) {
    place.hash = hash;
    place.name_count = name_count;
    place.name = name;
    place.key = key;
  }
  return name;
}

}  // namespace picket::routing::parse

// SPDX-License-Identifier: Apache-2.0
//
// Remembers which keys are interned, so that a key that comes with every text costs no lock. Of fixed size, one place
// for each hash: keys that a hostile peer chose push each other out, nothing more. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "routing/names.hpp"

namespace picket::routing::parse {

// Spreads keys well; no defence against chosen ones, so nothing may rely on that for its time.
std::uint64_t hash_key(std::string_view key);

class KeyTable {
 public:
  explicit KeyTable(const Names& names) : names_(names), places_(kPlaces) {}

  // Names::find(key). `hash` is hash_key(key). A key that was interned meanwhile is found at once.
  picket_name find(std::string_view key, std::uint64_t hash);

 private:
  static constexpr std::size_t kPlaces = 256;
  struct Place {
    std::uint64_t hash = 0;
    std::uint32_t name_count = 0;  // of the table of names, when it did not have the key
    picket_name name = 0;          // 0: not interned
    std::string key;
  };

  const Names& names_;
  std::vector<Place> places_;
};

}  // namespace picket::routing::parse

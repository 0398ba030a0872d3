// SPDX-License-Identifier: Apache-2.0
#include "config/fingerprint.hpp"

namespace picket::config {

std::uint64_t fingerprint(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = seed;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1'099'511'628'211ULL;
  }
  return hash;
}

std::uint64_t short_fingerprint(std::string_view text) {
  // Folded, not cut: the high bits of FNV depend little on the last bytes.
  const std::uint64_t hash = fingerprint(text);
  return (hash >> 48U) ^ (hash & 0xffff'ffff'ffffULL);
}

std::string short_hash(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::uint64_t value = short_fingerprint(text);
  std::string digits(12, '0');
  for (std::size_t i = digits.size(); i-- > 0; value >>= 4U) digits[i] = kDigits[value & 15U];
  return digits;
}

}  // namespace picket::config

// SPDX-License-Identifier: Apache-2.0
#include "routing/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace picket::routing {
namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080U;

// Length of the well-formed character at `at`, which is no ASCII; 0 when it is malformed. The table of well-formed
// byte sequences is RFC 3629, section 4.
std::size_t character_length(const unsigned char* at, std::size_t available) {
  const auto continues = [&](std::size_t index, unsigned low = 0x80, unsigned high = 0xBF) {
    return index < available && at[index] >= low && at[index] <= high;
  };
  const unsigned lead = at[0];
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

// The offset of the first eight-byte group at or after `offset` with a byte over 0x7F in it, or of the last, shorter
// group.
std::size_t skip_ascii_groups(std::string_view text, std::size_t offset) {
  while (text.size() - offset >= sizeof(std::uint64_t)) {
    std::uint64_t group;
    std::memcpy(&group, text.data() + offset, sizeof group);
    if ((group & kHighBits) != 0) break;
    offset += sizeof group;
  }
  return offset;
}

}  // namespace

bool is_ascii(std::string_view text) {
  const std::string_view rest = text.substr(skip_ascii_groups(text, 0));
  return std::all_of(rest.begin(), rest.end(), [](char byte) { return static_cast<unsigned char>(byte) < 0x80; });
}

std::size_t first_invalid_utf8(std::string_view text) {
  std::size_t offset = skip_ascii_groups(text, 0);
  while (offset < text.size()) {
    const auto* at = reinterpret_cast<const unsigned char*>(text.data()) + offset;
    if (*at < 0x80) {
      ++offset;
      if (offset % sizeof(std::uint64_t) == 0) offset = skip_ascii_groups(text, offset);
      continue;
    }
    const std::size_t length = character_length(at, text.size() - offset);
    if (length == 0) return offset;
    offset += length;
  }
  return offset;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

}  // namespace picket::routing

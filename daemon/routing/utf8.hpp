// SPDX-License-Identifier: Apache-2.0
//
// What the routing code needs to know about UTF-8 (RFC 3629): is a text valid, and where does a character end.
// Any thread; no state.
#pragma once

#include <cstddef>
#include <string_view>

namespace picket::routing {

// True if every byte is below 0x80. Eight bytes at a time.
bool is_ascii(std::string_view text);

// The offset of the first byte that is not part of a well-formed character (overlong forms, surrogates and values
// over U+10FFFF are not), or text.size() when all of it is valid. Long runs of ASCII cost as little as is_ascii.
std::size_t first_invalid_utf8(std::string_view text);

inline bool is_valid_utf8(std::string_view text) {
  return first_invalid_utf8(text) == text.size();
}

// The offset just after the character that starts at `offset`. Safe on invalid text: never beyond the end, and at
// least one byte on. REQUIRES: offset < text.size()
inline std::size_t next_character(std::string_view text, std::size_t offset) {
  ++offset;
  while (offset < text.size() && (static_cast<unsigned char>(text[offset]) & 0xC0U) == 0x80U) ++offset;
  return offset;
}

// The offset of the character that ends just before `offset`. REQUIRES: 0 < offset <= text.size()
inline std::size_t previous_character(std::string_view text, std::size_t offset) {
  --offset;
  while (offset > 0 && (static_cast<unsigned char>(text[offset]) & 0xC0U) == 0x80U) --offset;
  return offset;
}

// Number of characters; on invalid text, of bytes that are no continuation bytes.
std::size_t count_characters(std::string_view text);

}  // namespace picket::routing

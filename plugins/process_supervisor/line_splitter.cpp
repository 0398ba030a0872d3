// SPDX-License-Identifier: Apache-2.0
#include "line_splitter.hpp"

#include <picket/plugin.hpp>

namespace picket::process_supervisor {
namespace {

// The length of the well-formed character (Unicode, table 3-7) that `text` begins with; 0 if it is none.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<unsigned>(static_cast<unsigned char>(text[at])) : 0U;
  };
  const auto follows = [&](std::size_t at) { return (byte(at) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80U) return first == 0 ? 0 : 1;
  if (first >= 0xC2U && first <= 0xDFU) return follows(1) ? 2 : 0;
  if (first >= 0xE0U && first <= 0xEFU) {
    const bool second = follows(1) && (first != 0xE0U || byte(1) >= 0xA0U) && (first != 0xEDU || byte(1) <= 0x9FU);
    return second && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0U && first <= 0xF4U) {
    const bool second = follows(1) && (first != 0xF0U || byte(1) >= 0x90U) && (first != 0xF4U || byte(1) <= 0x8FU);
    return second && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool is_clean_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string repaired_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    } else {
      out += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return out;
}

void LineSplitter::tell(std::string_view text, bool cut, const Line& line) const {
  if (!cut && !text.empty() && text.back() == '\r') text.remove_suffix(1);
  if (text.empty()) return;
  if (is_clean_utf8(text)) return line(text, cut);
  line(repaired_utf8(text), cut);
}

void LineSplitter::add(std::string_view bytes, const Line& line) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const bool whole = end != std::string_view::npos;
    std::string_view piece = bytes.substr(0, whole ? end : bytes.size());
    bytes.remove_prefix(whole ? end + 1 : piece.size());
    if (rest_.empty() && whole && piece.size() <= limit_) {
      tell(piece, false, line);
      continue;
    }
    rest_ += piece;
    while (rest_.size() > limit_) {
      // A byte stream without a single beginning of a character still goes on.
      std::size_t room = detail::whole_utf8(rest_, limit_);
      if (room == 0) room = limit_;
      tell(std::string_view(rest_).substr(0, room), true, line);
      rest_.erase(0, room);
    }
    if (!whole) continue;
    tell(rest_, false, line);
    rest_.clear();
  }
}

void LineSplitter::flush(const Line& line) {
  tell(rest_, false, line);
  rest_ = {};
}

}  // namespace picket::process_supervisor

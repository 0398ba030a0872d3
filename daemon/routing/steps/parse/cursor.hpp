// SPDX-License-Identifier: Apache-2.0
//
// A place in a text that moves on as rules of a grammar take what they know. Used by the formats and the times; owns
// nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace picket::routing::parse {

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
inline bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

class Cursor {
 public:
  explicit Cursor(std::string_view text, std::size_t offset = 0) : text_(text), offset_(offset) {}

  std::size_t offset() const { return offset_; }
  void go_to(std::size_t offset) { offset_ = offset; }
  bool at_end() const { return offset_ >= text_.size(); }
  // 0 at the end; texts may hold that byte too, so ask at_end() where it matters.
  char peek() const { return at_end() ? '\0' : text_[offset_]; }
  std::string_view rest() const { return text_.substr(offset_); }
  std::string_view since(std::size_t offset) const { return text_.substr(offset, offset_ - offset); }

  bool take(char wanted) {
    if (at_end() || text_[offset_] != wanted) return false;
    ++offset_;
    return true;
  }
  bool take(std::string_view wanted) {
    if (!rest().starts_with(wanted)) return false;
    offset_ += wanted.size();
    return true;
  }
  // Exactly `count` digits, at most nine.
  std::optional<int> digits(std::size_t count) {
    if (text_.size() - offset_ < count) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const char c = text_[offset_ + i];
      if (!is_digit(c)) return std::nullopt;
      value = value * 10 + (c - '0');
    }
    offset_ += count;
    return value;
  }
  void skip_blanks() {
    while (!at_end() && is_blank(text_[offset_])) ++offset_;
  }
  // Up to the next `stop`, or the end.
  std::string_view until(char stop) {
    const std::size_t begin = offset_;
    const std::size_t found = text_.find(stop, offset_);
    offset_ = found == std::string_view::npos ? text_.size() : found;
    return since(begin);
  }
  // As long as `belongs` says so.
  template <typename Belongs>
  std::string_view take_while(Belongs belongs) {
    const std::size_t begin = offset_;
    while (!at_end() && belongs(text_[offset_])) ++offset_;
    return since(begin);
  }

 private:
  std::string_view text_;
  std::size_t offset_;
};

}  // namespace picket::routing::parse

// SPDX-License-Identifier: Apache-2.0
//
// Splits a stream into lines (LF, with an optional CR before it) without copying them: only what is left of a line at
// the end of a read is kept. One for each connection; empty, it owns no memory.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "session.hpp"

namespace picket::pipe_server {

class LineBuffer {
 public:
  explicit LineBuffer(std::size_t max_line) : max_line_(max_line) {}

  enum class Line { next, stop };  // what the function answers: go on, or keep this line and all behind it

  // Runs `line` for each whole line, without its end. False when a line is longer than the limit (its beginning was
  // dropped: there is no way to go on). `data` has Session::kPadding readable bytes behind it, so have the lines.
  template <typename Function>
  bool feed(std::string_view data, Function&& line) {
    if (kept_.empty()) return split(data, line);
    // Complete the line that has begun before, then go on without copying.
    const std::size_t end = data.find('\n');
    const std::size_t take = end == std::string_view::npos ? data.size() : end + 1;
    if (stopped_) {
      kept_.append(data);
      return true;
    }
    // One more byte than a line may have: it can be the CR of its end.
    if (kept_.size() + take > max_line_ + (end == std::string_view::npos ? 1 : 2)) return too_long();
    kept_.append(data.substr(0, take));
    if (end == std::string_view::npos) return true;
    pad();
    if (without_end(kept_).size() > max_line_) return too_long();
    if (line(without_end(kept_)) == Line::stop) {
      kept_.append(data.substr(take));
      stopped_ = true;
      return true;
    }
    release();
    return split(data.substr(take), line);
  }

  // Goes on after a stop with what was kept.
  template <typename Function>
  bool resume(Function&& line) {
    if (!stopped_) return true;
    stopped_ = false;
    std::string text;
    text.swap(kept_);
    text.reserve(text.size() + Session::kPadding);
    return split(text, line);
  }

  // What is left at the end of the input: a line without an end, or nothing.
  std::string_view rest() {
    if (stopped_) return {};
    pad();
    return kept_;
  }
  void release() {
    kept_.clear();
    if (kept_.capacity() > kKeepCapacity) kept_.shrink_to_fit();
  }
  bool stopped() const { return stopped_; }

 private:
  static constexpr std::size_t kKeepCapacity = 512;

  template <typename Function>
  bool split(std::string_view data, Function& line) {
    std::size_t begin = 0;
    while (begin < data.size()) {
      const void* const found = std::memchr(data.data() + begin, '\n', data.size() - begin);
      if (found == nullptr) break;
      const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - data.data());
      const std::string_view text = without_end(data.substr(begin, end + 1 - begin));
      if (text.size() > max_line_) return too_long();
      if (line(text) == Line::stop) {
        keep(data.substr(begin));
        stopped_ = true;
        return true;
      }
      begin = end + 1;
    }
    if (data.size() - begin > max_line_ + 1) return too_long();
    keep(data.substr(begin));
    return true;
  }
  bool too_long() {
    kept_.clear();
    kept_.shrink_to_fit();
    return false;
  }
  void keep(std::string_view text) {
    if (!text.empty()) kept_.assign(text);
  }
  void pad() { kept_.reserve(kept_.size() + Session::kPadding); }
  static std::string_view without_end(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  const std::size_t max_line_;
  std::string kept_;
  bool stopped_ = false;
};

}  // namespace picket::pipe_server

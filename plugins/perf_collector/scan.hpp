// SPDX-License-Identifier: Apache-2.0
//
// Walks the text of a small file: lines, words, numbers. Allocates nothing, never reads past its text.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>
#include <system_error>

namespace picket::perf_collector {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  // The next line without its end; false when nothing is left.
  bool line(std::string_view& line) {
    if (rest_.empty()) return false;
    const std::size_t end = rest_.find('\n');
    line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return true;
  }

  // The next run of characters that are no blanks; false when nothing is left.
  bool word(std::string_view& word) {
    skip_blanks();
    const std::size_t end = rest_.find_first_of(kBlanks);
    word = rest_.substr(0, end);
    rest_.remove_prefix(word.size());
    return !word.empty();
  }

  // The next word as a number; false, and at the same place, if it is none or does not fit.
  template <typename Number>
  bool number(Number& number) {
    skip_blanks();
    Number value{};
    const char* end = rest_.data() + rest_.size();
    const auto [stop, error] = std::from_chars(rest_.data(), end, value);
    if (error != std::errc() || (stop != end && kBlanks.find(*stop) == std::string_view::npos)) return false;
    rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()));
    number = value;
    return true;
  }

  // The next word, a decimal number that is not negative ("12.50"), in units of 10^-decimals: 1250 for 2. Further
  // places are cut off. False, and at the same place, if it is none or does not fit.
  bool fixed(int decimals, std::int64_t& number) {
    skip_blanks();
    const std::string_view word = rest_.substr(0, rest_.find_first_of(kBlanks));
    std::int64_t value = 0;
    int places = -1;  // after the point
    bool digits = false;
    for (const char c : word) {
      if (c == '.' && places < 0) {
        places = 0;
        continue;
      }
      if (c < '0' || c > '9') return false;
      digits = true;
      if (places >= decimals) continue;
      if (places >= 0) ++places;
      if (!append_digit(value, c)) return false;
    }
    if (!digits) return false;
    for (places = places < 0 ? 0 : places; places < decimals; ++places) {
      if (!append_digit(value, '0')) return false;
    }
    rest_.remove_prefix(word.size());
    number = value;
    return true;
  }

  // Passes over `count` words; false if there were fewer.
  bool skip(int count) {
    std::string_view ignored;
    for (; count > 0; --count) {
      if (!word(ignored)) return false;
    }
    return true;
  }

 private:
  static constexpr std::string_view kBlanks = " \t\r\n";

  static bool append_digit(std::int64_t& value, char digit) {
    if (value > (INT64_MAX - 9) / 10) return false;
    value = value * 10 + (digit - '0');
    return true;
  }

  void skip_blanks() {
    const std::size_t start = rest_.find_first_not_of(kBlanks);
    rest_.remove_prefix(start == std::string_view::npos ? rest_.size() : start);
  }

  std::string_view rest_;
};

}  // namespace picket::perf_collector

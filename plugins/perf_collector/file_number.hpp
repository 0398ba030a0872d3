// SPDX-License-Identifier: Apache-2.0
//
// Finds numbers in the text of a file: by regular expression, or by line and column. Pure; used by the group `files` on
// the [control] thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace picket::perf_collector {

struct NumberSettings {
  std::string regex{};  // RE2, ^ and $ are those of lines; empty: by line and column
  std::string line{};   // how the line starts; empty: the first one
  int column = 1;       // word of the line, from 1
  bool each = false;    // every match or line, else the first one

  bool operator==(const NumberSettings&) const = default;
};

struct FoundNumber {
  std::int64_t integer = 0;  // if it is one
  double real = 0;           // always
  bool whole = false;        // it is written as an integer that fits
  std::string_view label;    // with `each`: what tells it from the others
};

// "42", "-1.5e3", "0x1f", with nothing behind it. False for anything else, and what is not finite.
bool parse_number(std::string_view text, FoundNumber& number);

class NumberFinder {
 public:
  // Throws std::invalid_argument if the expression does not compile or has not the groups that it needs: the number is
  // the group named `value`, else the first one, else the whole match; with `each` another group is the label.
  explicit NumberFinder(const NumberSettings& settings);
  ~NumberFinder();
  NumberFinder(const NumberFinder&) = delete;
  NumberFinder& operator=(const NumberFinder&) = delete;

  // Tells every number. Empty if there was one at least, else why not, with what was seen.
  std::string find(std::string_view text, const std::function<void(const FoundNumber&)>& tell) const;

 private:
  std::string find_by_regex(std::string_view text, const std::function<void(const FoundNumber&)>& tell) const;
  std::string find_by_column(std::string_view text, const std::function<void(const FoundNumber&)>& tell) const;

  NumberSettings settings_;
  std::unique_ptr<re2::RE2> regex_;
  int value_group_ = 0;
  int label_group_ = 0;  // 0: none
};

}  // namespace picket::perf_collector

// SPDX-License-Identifier: Apache-2.0
//
// The patterns of `matches`: RE2 syntax (github.com/google/re2/wiki/Syntax), whose time is linear in the text, so that
// a hostile text costs no more than its length. Keeps RE2's header out of ours. Immutable; any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace picket::routing::expression {

class Regex {
 public:
  // Memory that one pattern may use for its program and its state cache, bytes.
  static constexpr int kMemory = 2 * 1024 * 1024;

  explicit Regex(std::string_view pattern);
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  // Empty when the pattern compiled. Otherwise RE2's reason; `offending` is the part of the pattern, or all of it.
  std::string error() const;
  std::string offending() const;

  // True if the pattern fits anywhere in `text`. REQUIRES: error().empty()
  bool found_in(std::string_view text) const;

 private:
  std::unique_ptr<re2::RE2> pattern_;
};

}  // namespace picket::routing::expression

// SPDX-License-Identifier: Apache-2.0
//
// The patterns of `like`: `*` is any run of characters, `?` is one character, a backslash takes the next character as
// it is. Case counts. The whole text has to fit. Compiled once, then immutable and usable from every thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace picket::routing::expression {

class Glob {
 public:
  // Nothing when the pattern ends in a lone backslash.
  static std::optional<Glob> compile(std::string_view pattern);

  // Allocates nothing. Time: length of the text for a pattern without `?` whose literals begin with rare characters;
  // at most length of the text times length of the pattern.
  bool matches(std::string_view text) const;

 private:
  // What stands between two `*`: literal bytes, each marked if it is a `?` instead.
  struct Segment {
    std::string bytes;
    std::vector<bool> any;  // empty: no `?` in it
    std::size_t characters = 0;

    // The end of this segment when it fits `text` at `from`, else npos.
    std::size_t fits(std::string_view text, std::size_t from) const;
    // The end of the first place at or after `from` where it fits, else npos.
    std::size_t find(std::string_view text, std::size_t from) const;
    // True if it fits the end of `text`, starting at `from` or later.
    bool fits_end(std::string_view text, std::size_t from) const;
  };

  std::vector<Segment> segments_;  // one more than the runs of `*`
};

}  // namespace picket::routing::expression

// SPDX-License-Identifier: Apache-2.0
//
// See glob.hpp. Only the last star is ever gone back to: an earlier one could not find more than it.
#include "glob.hpp"

namespace picket::perf_collector {

namespace {

// Takes one set, "[...]" at `at`, and moves behind it. A bracket that is never closed stands for itself.
bool match_set(std::string_view pattern, std::size_t& at, char c) {
  std::size_t i = at + 1;
  const bool negated = i < pattern.size() && pattern[i] == '!';
  if (negated) ++i;
  bool found = false;
  for (const std::size_t first = i; i < pattern.size() && (pattern[i] != ']' || i == first); ++i) {
    char low = pattern[i];
    char high = low;
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      high = pattern[i + 2];
      i += 2;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (static_cast<unsigned char>(low) <= byte && byte <= static_cast<unsigned char>(high)) found = true;
  }
  if (i >= pattern.size()) {
    ++at;
    return c == '[';
  }
  at = i + 1;
  return found != negated;
}

// Takes the one-character element at `at` and moves behind it.
bool match_one(std::string_view pattern, std::size_t& at, char c) {
  if (pattern[at] == '[') return match_set(pattern, at, c);
  const bool any = pattern[at] == '?';
  if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
  return pattern[at++] == c || any;
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text) {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t at = 0;
  std::size_t star = kNone;  // behind the last star
  std::size_t resume = 0;    // where its run ends so far
  for (std::size_t i = 0; i < text.size();) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = ++at;
      resume = i;
    } else if (at < pattern.size() && match_one(pattern, at, text[i])) {
      ++i;
    } else if (star != kNone) {
      at = star;
      i = ++resume;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

}  // namespace picket::perf_collector

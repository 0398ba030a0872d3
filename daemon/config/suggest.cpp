// SPDX-License-Identifier: Apache-2.0
#include "config/suggest.hpp"

#include <algorithm>
#include <vector>

namespace picket::config {
namespace {

constexpr std::size_t kMaxCompared = 64;  // bytes; longer names are never suggested

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Optimal string alignment: Levenshtein plus swaps of neighbours, which are one slip of the fingers. Three rows
// suffice.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> previous(b.size() + 1);
  std::vector<std::size_t> current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1])) {
        current[j] = std::min(current[j], before[j - 2] + 1);
      }
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

}  // namespace

std::string nearest(std::string_view name, std::span<const std::string> candidates) {
  if (name.size() > kMaxCompared) return {};
  std::size_t best = std::clamp<std::size_t>(name.size() / 3, 1, 3) + 1;
  std::string found;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kMaxCompared) continue;
    const std::size_t away = distance(name, candidate);
    if (away < best && away < candidate.size()) {
      best = away;
      found = candidate;
    }
  }
  return found;
}

std::string quoted_list(std::span<const std::string> names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ", ";
    text += "`" + name + "`";
  }
  return text;
}

std::string suggestion(std::string_view name, std::span<const std::string> candidates, std::size_t list) {
  if (const std::string alike = nearest(name, candidates); !alike.empty()) return "; did you mean `" + alike + "`?";
  if (candidates.empty() || candidates.size() > list) return {};
  return (candidates.size() == 1 ? "; there is only " : "; one of ") + quoted_list(candidates);
}

}  // namespace picket::config

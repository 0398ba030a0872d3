// SPDX-License-Identifier: Apache-2.0
//
// "did you mean": the known name nearest to a mistyped one. Pure functions, any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace picket::config {

// The candidate within a third of the length (at least 1, at most 3) insertions, deletions, replacements or swaps of
// neighbours; empty when none is near. Letter case does not count. Ties go to the first.
std::string nearest(std::string_view name, std::span<const std::string> candidates);

// "; did you mean `x`?" or, when nothing is near and there are at most `list` candidates, "; one of `a`, `b`, `c`".
std::string suggestion(std::string_view name, std::span<const std::string> candidates, std::size_t list = 12);

// `a`, `b`, `c`, each in backquotes.
std::string quoted_list(std::span<const std::string> names);

}  // namespace picket::config

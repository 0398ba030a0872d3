// SPDX-License-Identifier: Apache-2.0
//
// What can be said about a condition without any event: that it can never be true, and that one condition implies
// another. Sound: what is said holds for every event; not everything that holds is found. For the static findings of
// `picket explain` and `picket validate`. Any thread; time about linear in the text.
//
// How: for each field (or part, or computed value, taken as it is written) the set of values that it must have for the
// condition to be true. A condition is impossible when one of these sets is empty.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "routing/expression/expression.hpp"

namespace picket::routing {

struct Contradiction {
  std::size_t offset = 0;  // bytes [offset, offset + length) of the condition's text: the part that cannot be
  std::size_t length = 0;
  std::string message;  // "`severity > error` and `severity < info` are never both true"
};

// Why `condition` is not true for any event; nothing if it may be.
std::optional<Contradiction> find_contradiction(const Expression& condition);

// Why `second` is not true for any event for which `first` is, though each of them may be; places are those of
// `second`.
std::optional<Contradiction> find_contradiction(const Expression& first, const Expression& second);

// The alternatives (of an `or` outside of everything else) that can never be true in a condition that may be.
std::vector<Contradiction> dead_alternatives(const Expression& condition);

// True if `second` is true wherever `first` is, by how they are written: all parts that `second` joins with `and` are
// among those of `first`.
bool implies(const Expression& first, const Expression& second);

}  // namespace picket::routing

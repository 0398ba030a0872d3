// SPDX-License-Identifier: Apache-2.0
//
// Values as the language writes them, for people: in verdicts and explanations. Any thread.
#pragma once

#include <cstddef>
#include <string>

#include "routing/expression/value.hpp"

namespace picket::routing::expression {

inline constexpr std::size_t kLongestShown = 200;  // bytes of a text; what is cut ends in "..."

// null, true, 12, 0.5, "text" with escapes, (3 bytes).
std::string shown(const Value& value);

}  // namespace picket::routing::expression

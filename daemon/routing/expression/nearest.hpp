// SPDX-License-Identifier: Apache-2.0
//
// "Did you mean ...?" for names that do not exist. Used by the compiler's stages only.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace picket::routing::expression {

// The candidate that the fewest edits (insert, delete, replace, swap of neighbours) lead to, if those are at most a
// third of the name's length and at least one is always allowed; empty when none is that near. Case is ignored.
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates);

// "; did you mean 'x'?", or empty.
std::string suggestion(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace picket::routing::expression

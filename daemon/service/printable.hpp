// SPDX-License-Identifier: Apache-2.0
//
// Text that somebody else chose, made harmless for logs and terminals: one line, valid UTF-8, nothing that drives a
// terminal. Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>

namespace picket::service {

// Takes the first character off `text`, which is not empty, and returns what to show for it: itself, an escape (\n \t
// \u001b) for control characters, C1 controls and the line separators U+2028/2029, or U+FFFD for a byte that begins
// nothing valid. Overlong forms, surrogates and what lies past U+10FFFF are invalid (Unicode 15, table 3-7).
std::string take_printable(std::string_view& text);

// All of it.
std::string printable(std::string_view text);

}  // namespace picket::service

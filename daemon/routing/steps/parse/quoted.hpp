// SPDX-License-Identifier: Apache-2.0
//
// Values in quotes, as logfmt and key_value have them. Any thread, on one's own arena.
#pragma once

#include <optional>
#include <string_view>

#include "routing/steps/parse/arena.hpp"
#include "routing/steps/parse/cursor.hpp"

namespace picket::routing::parse {

// What stands between the quote at the cursor and the next one like it; the cursor is put behind that. Escapes: \n \t
// \r \b \f, \uXXXX (UTF-16, also in pairs), and a backslash before a quote, a slash or a backslash. A backslash before
// anything else stays a backslash, as in "C:\logs". Without escapes the answer is a piece of the text, otherwise it
// lies in `arena`. Nothing, and the cursor unmoved, when the closing quote is missing. REQUIRES: the cursor is at a
// quote
std::optional<std::string_view> read_quoted(Cursor& cursor, Arena& arena);

}  // namespace picket::routing::parse

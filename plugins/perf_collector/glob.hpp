// SPDX-License-Identifier: Apache-2.0
//
// Globs over names and command lines: `*` any run of characters (also `/`), `?` one character, `[a-z]` one of a set,
// `[!a-z]` one not of it, `\` makes the next character ordinary. Bytes, case-sensitive.
#pragma once

#include <string_view>

namespace picket::perf_collector {

// Whether all of `text` matches. Takes at most the product of both lengths in steps; allocates nothing.
bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace picket::perf_collector

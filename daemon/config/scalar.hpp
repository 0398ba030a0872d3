// SPDX-License-Identifier: Apache-2.0
//
// What a plain scalar means: the core schema of YAML 1.2 (chapter 10.3). Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace picket::config {

struct NullValue {};
struct NotFinite {};  // .inf, -.inf, .nan, and numbers past double: no JSON number

// int64 where it fits, uint64 above that, else double; string_view is the text itself.
using ScalarValue = std::variant<NullValue, bool, std::int64_t, std::uint64_t, double, NotFinite, std::string_view>;

// null: empty ~ null; bool: true false; integers: decimal, 0o octal, 0x hex; floats: 1.5, .5, 1e3. Each in the
// spellings of the core schema; `yes`, `on`, `1_000` and `0b1` are text.
ScalarValue type_plain(std::string_view text);

}  // namespace picket::config

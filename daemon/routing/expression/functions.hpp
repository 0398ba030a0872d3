// SPDX-License-Identifier: Apache-2.0
//
// The functions of the language: one table that the checker reads (names, counts, types) and the bodies that call
// nodes run. README.md documents each. Bodies see only arguments of the types that their row accepts.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "routing/expression/ast.hpp"
#include "routing/expression/value.hpp"

namespace picket::routing::expression {

inline constexpr std::size_t kMaxArguments = 16;

struct Function {
  std::string_view name;
  std::uint8_t least = 1;  // arguments
  std::uint8_t most = 1;
  // What each argument may be; the last entry that is not 0 stands for all that follow. Another type at run time (null
  // too, unless accepted) makes the result null without a call.
  std::array<TypeSet, 3> accepted = {};
  TypeSet result = kAny;
  bool uses_scratch = false;  // the result may lie in the thread's scratch space
  Value (*body)(std::span<const Value> arguments) = nullptr;

  TypeSet accepts(std::size_t argument) const {
    while (argument > 0 && (argument >= accepted.size() || accepted[argument] == 0)) --argument;
    return accepted[argument];
  }
};

std::span<const Function> functions();
const Function* find_function(std::string_view name);

// Severities by name, in the order of their numbers (index 0 is number 1); the aliases `warn` and `err` are not in it.
std::span<const std::string_view> severity_names();
// The number of a severity's name or alias; 0 when there is none.
std::uint32_t severity_number(std::string_view name);

// A number from all of `text` (decimal, sign and exponent allowed): an integer if it is written as one and fits, else
// a finite double, else null.
Value parse_number(std::string_view text);

// Bodies of the text functions, in functions_text.cpp.
namespace text_functions {
Value lower(std::span<const Value> arguments);
Value upper(std::span<const Value> arguments);
Value length(std::span<const Value> arguments);
Value contains(std::span<const Value> arguments);
Value starts_with(std::span<const Value> arguments);
Value ends_with(std::span<const Value> arguments);
Value substring(std::span<const Value> arguments);
Value trim(std::span<const Value> arguments);
Value replace(std::span<const Value> arguments);
Value concat(std::span<const Value> arguments);
Value text(std::span<const Value> arguments);
}  // namespace text_functions

}  // namespace picket::routing::expression

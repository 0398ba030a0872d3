// SPDX-License-Identifier: Apache-2.0
//
// Why a condition says what it says about one event: the smallest parts of it that decided, with the values that they
// read. For `picket explain`; an evaluation of its own over the syntax tree, so that the compiled program, which the
// router runs, knows nothing of it. Allocates freely. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "routing/expression/expression.hpp"

namespace picket::routing {

// What a part of a condition read: a field, a part of the event, or something computed of them.
struct Operand {
  std::string text;  // as written: "severity", "used / total"
  ValueType type = ValueType::null;
  std::string value;      // as the language writes it; severities by name
  bool computed = false;  // no field or part itself
};

// A part of the condition that decided.
struct Reason {
  std::size_t offset = 0;  // bytes [offset, offset + length) of the condition's text
  std::size_t length = 0;
  std::string text;                // those bytes, without parentheses around them, on one line
  Truth outcome = Truth::unknown;  // of this part
  std::vector<Operand> operands;   // what it read, in the order of the text, each once
  std::string hint;                // why it is unknown, when that is not plain: "text does not compare with a number"
};

struct Ruling {
  Truth outcome = Truth::unknown;
  std::vector<Reason> reasons;  // in the order of the text; none for a condition that reads nothing
};

// `event` is one of `batch`, which has passed validate_batch.
//
// An `and` that is false is decided by its first false part, one that is true by all; an `or` the other way round; what
// is unknown by its unknown parts. `not` is decided by what it negates, `if` by its condition and the branch taken.
Ruling decide(const Expression& condition, const picket_batch& batch, const picket_event& event);

// "severity >= warning is false: severity is info".
std::string describe(const Reason& reason);

}  // namespace picket::routing

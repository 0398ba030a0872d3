// SPDX-License-Identifier: Apache-2.0
//
// How the stages of the compiler give up: one exception, thrown by lexer, parser and checker and caught in compile().
// It never leaves this folder.
#pragma once

#include <string>

#include "routing/expression/expression.hpp"

namespace picket::routing::expression {

// Bytes [offset, offset + length) of the expression's text.
struct Span {
  std::size_t offset = 0;
  std::size_t length = 0;

  std::size_t end() const { return offset + length; }
};

// From the start of `first` to the end of `last`.
inline Span join(Span first, Span last) {
  return {first.offset, last.end() - first.offset};
}

struct CompileFailure {
  ExpressionError error;
};

[[noreturn]] inline void fail(Span where, std::string message) {
  throw CompileFailure{{std::move(message), where.offset, where.length}};
}

}  // namespace picket::routing::expression

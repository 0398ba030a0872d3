// SPDX-License-Identifier: Apache-2.0
//
// The expression language: what `where`, thresholds, computed fields and the filters of tap and query are written in.
// README.md in this folder is its reference.
//
// Text is compiled once (configuration load, or a client's request; any thread) into an immutable program that every
// thread may evaluate at the same time. Copies share the program. Evaluation takes no lock, and once a thread's scratch
// space and a pattern's state cache have grown to what is needed it allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "picket/batch.h"
#include "routing/expression/value.hpp"

namespace picket::routing {

class Names;

namespace expression {
struct Ast;
struct Program;
}  // namespace expression

// Limits of a text; over each is a compile error.
inline constexpr std::size_t kMaxExpressionLength = 64 * 1024;  // bytes
inline constexpr unsigned kMaxExpressionNesting = 64;           // brackets, calls, `not`, `if` within one another
inline constexpr std::size_t kMaxExpressionPatterns = 64;       // regular expressions in one expression
// The longest text that a function makes; a longer one is null.
inline constexpr std::size_t kMaxTextResult = 64 * 1024;  // bytes

// What is wrong with an expression and where: bytes [offset, offset + length) of its text, both clamped to it. The
// length is 0 only at the very end of the text.
struct ExpressionError {
  std::string message;
  std::size_t offset = 0;
  std::size_t length = 0;
};

// The line of `text` that the error is in, and a line below it that marks the offending part: "^~~~". No trailing line
// break. Tabs are kept, so that the marks stay below what they mark.
std::string render_caret(std::string_view text, const ExpressionError& error);

template <typename T>
class [[nodiscard]] CompileResult {
 public:
  CompileResult(T value) : state_(std::in_place_index<0>, std::move(value)) {}                // NOLINT
  CompileResult(ExpressionError error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  // REQUIRES: ok()
  T& value() { return std::get<0>(state_); }
  const T& value() const { return std::get<0>(state_); }
  // REQUIRES: !ok()
  const ExpressionError& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, ExpressionError> state_;
};

// What compiling does with field keys and texts that the table of names does not have yet.
enum class NamePolicy {
  intern,       // adds them: for the configuration
  lookup_only,  // never adds: for text that an outside peer chose. Unknown ones are compared as text, which is slower.
};

// One sub-expression's value for one event.
struct Verdict {
  std::size_t offset = 0;  // bytes [offset, offset + length) of the expression's text
  std::size_t length = 0;
  unsigned depth = 0;  // 0 for the whole; its parts follow it, one deeper
  ValueType type = ValueType::null;
  std::string value;  // as the language writes it: null, true, 12, 0.5, "text"; long texts are cut
};

class Expression {
 public:
  // `names` must outlive the expression.
  static CompileResult<Expression> compile(std::string_view text, Names& names, NamePolicy policy = NamePolicy::intern);

  // `event` is one of `batch`, which has passed validate_batch. A text in the result is valid until the next
  // evaluation of any expression on this thread, and no longer than the batch.
  Value evaluate(const picket_batch& batch, const picket_event& event) const;

  // Every sub-expression that is no constant with its value, outermost first; also those that evaluate() would not
  // have reached. For people, not for speed.
  std::vector<Verdict> explain(const picket_batch& batch, const picket_event& event) const;

  // False if the result can never be of `type`, whatever the event.
  bool may_be(ValueType type) const;

  // The keys of the fields that it reads, sorted, each once.
  std::vector<std::string> fields() const;

  std::string_view text() const;

  // For this folder: decision.hpp and contradiction.hpp read the tree.
  const expression::Ast& syntax() const;
  const Names& names() const;

 private:
  friend class Filter;
  explicit Expression(std::shared_ptr<const expression::Program> program);

  std::shared_ptr<const expression::Program> program_;
};

// An expression that says yes or no. Only true matches: null, and a value that is no boolean, do not.
class Filter {
 public:
  // As Expression::compile; an expression that can never be a boolean is an error.
  static CompileResult<Filter> compile(std::string_view text, Names& names, NamePolicy policy = NamePolicy::intern);

  bool matches(const picket_batch& batch, const picket_event& event) const;
  // What matches() says, with the third answer: the event does not have what it takes to tell.
  Truth test(const picket_batch& batch, const picket_event& event) const;

  // Writes the indices of the matching events in ascending order and returns their number. `selection` has room for
  // batch.event_count of them.
  std::uint32_t select(const picket_batch& batch, std::uint32_t* selection) const;

  // Keeps of the `count` indices in `selection` those whose events match, in their order; returns how many.
  std::uint32_t narrow(const picket_batch& batch, std::uint32_t* selection, std::uint32_t count) const;

  std::vector<Verdict> explain(const picket_batch& batch, const picket_event& event) const {
    return expression_.explain(batch, event);
  }

  std::vector<std::string> fields() const { return expression_.fields(); }

  std::string_view text() const { return expression_.text(); }

  // The same as an expression.
  const Expression& expression() const { return expression_; }

 private:
  explicit Filter(Expression expression) : expression_(std::move(expression)) {}

  Expression expression_;
};

}  // namespace picket::routing

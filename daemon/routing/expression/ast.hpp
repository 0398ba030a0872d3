// SPDX-License-Identifier: Apache-2.0
//
// The syntax tree of an expression. The parser builds it, the checker completes it (types, resolved names, compiled
// patterns), lowering turns it into nodes to run, and explain() walks it. Immutable after the check.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "routing/expression/error.hpp"
#include "routing/expression/value.hpp"

namespace picket::routing::expression {

class Glob;
class Regex;
struct Function;

// A set of value types: what an expression may evaluate to.
using TypeSet = std::uint8_t;
constexpr TypeSet set_of(ValueType type) {
  return static_cast<TypeSet>(1U << static_cast<unsigned>(type));
}
inline constexpr TypeSet kNull = set_of(ValueType::null);
inline constexpr TypeSet kBoolean = set_of(ValueType::boolean);
inline constexpr TypeSet kInteger = set_of(ValueType::integer);
inline constexpr TypeSet kReal = set_of(ValueType::real);
inline constexpr TypeSet kText = set_of(ValueType::text);
inline constexpr TypeSet kBytes = set_of(ValueType::bytes);
inline constexpr TypeSet kNumber = kInteger | kReal;
inline constexpr TypeSet kAny = kNull | kBoolean | kNumber | kText | kBytes;

// For messages: "text", "a number", "text or a number", "null".
std::string describe(TypeSet types);

enum class AstKind {
  constant,
  part,         // a member of the event: see Part
  field,        // text: its key
  negation,     // not: 1 child
  conjunction,  // and: 2 or more children
  disjunction,  // or: 2 or more children
  comparison,   // 2 children
  membership,   // in: the operand, then the constants
  like,         // 1 child
  matches,      // 1 child
  exists,       // 1 child, a part or a field
  arithmetic,   // 2 children
  minus,        // 1 child
  conditional,  // if, then, else
  call          // text: the function's name
};

enum class Part { time, kind, source, severity };

// Which orders make a comparison true.
using OrderMask = std::uint8_t;
inline constexpr OrderMask kLess = 1;
inline constexpr OrderMask kEqual = 2;
inline constexpr OrderMask kGreater = 4;

struct Ast {
  AstKind kind = AstKind::constant;
  Span span;
  TypeSet types = kAny;
  std::vector<std::unique_ptr<Ast>> children;
  unsigned height = 1;  // levels from here to the deepest leaf

  Value number;            // constant: null, booleans and numbers
  std::string text;        // constant of type text; key of a field; name of a function; pattern of like and matches
  bool is_text = false;    // constant: the value is `text`
  bool verbatim = false;   // text constants: as Token::verbatim
  bool bare = false;       // field: written as an undotted name, which may turn out to be a severity's
  bool negated = false;    // membership, like, matches: with `not` before it
  OrderMask orders = 0;    // comparison
  char operation = 0;      // arithmetic: + - * / %
  Part part = Part::time;  // part
  Span detail;             // what to point at: an operator, a function's name, a pattern
  std::uint32_t key = 0;   // field: see FieldKey
  const Function* function = nullptr;  // call
  std::shared_ptr<const Glob> glob;    // like
  std::shared_ptr<const Regex> regex;  // matches

  Value constant() const { return is_text ? Value::text(text) : number; }
};

using AstPointer = std::unique_ptr<Ast>;

// Highest `height` of a tree; recursion over it must fit a small stack.
inline constexpr unsigned kMaxHeight = 512;

AstPointer make_ast(AstKind kind, Span span);

// Appends a child and keeps `height`. Throws CompileFailure over kMaxHeight.
void adopt(Ast& parent, AstPointer child);

// True if no part of it reads the event.
bool is_constant(const Ast& ast);

// The same text for trees that give the same value for every event, because they are built alike; white space,
// parentheses and the way a constant is written make no difference. Long for long trees.
std::string canonical(const Ast& ast);

// The part of `text` that `ast` was read from, without parentheses around it and with line breaks as spaces.
std::string source_of(const Ast& ast, std::string_view text);

}  // namespace picket::routing::expression

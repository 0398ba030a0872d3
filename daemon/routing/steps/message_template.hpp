// SPDX-License-Identifier: Apache-2.0
//
// Texts with expressions in braces: "memory at {value:.0%} on {host}". Compiled when the configuration is loaded (any
// thread), then immutable. README.md lists the formats.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "routing/expression/expression.hpp"

namespace picket::routing {

// How a value is written.
struct ValueFormat {
  enum class Kind { plain, fixed, percent, decimal_units, binary_units, duration, time };
  Kind kind = Kind::plain;
  unsigned decimals = 0;  // 0 to 15

  // ".2f", ".0%", ".1si", ".1iec", "duration", "time". False when it is none of these.
  static bool parse(std::string_view text, ValueFormat& format);
};

// Appends `value`; one that the format is not made for is written plainly. Null is "(none)".
void append_value(std::string& out, const Value& value, ValueFormat format);

class MessageTemplate {
 public:
  static constexpr std::size_t kMaxLength = 4'096;  // bytes, of the text and of what render() makes
  static constexpr std::size_t kMaxExpressions = 64;

  // Offsets of errors are those of `text`.
  static CompileResult<MessageTemplate> compile(std::string_view text, Names& names);

  // Longer texts are cut at the end of a character.
  std::string render(const picket_batch& batch, const picket_event& event) const;

  // The expression when the text is nothing but `{expression}`, without a format: its value can keep its type. Else
  // null.
  const Expression* sole() const;

  // The keys of the fields that its expressions read, sorted, each once.
  std::vector<std::string> fields() const;

 private:
  struct Piece {
    std::string before;  // literal text
    Expression expression;
    ValueFormat format;
  };
  std::vector<Piece> pieces_;
  std::string rest_;
};

}  // namespace picket::routing

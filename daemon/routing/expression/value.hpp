// SPDX-License-Identifier: Apache-2.0
//
// What an expression evaluates to: a small tagged value that owns nothing. Texts point into the batch, the expression,
// the table of names, or the thread's scratch space (see Expression::evaluate for how long they last).
#pragma once

#include <cstdint>
#include <string_view>

namespace picket::routing {

enum class ValueType : std::uint8_t { null, boolean, integer, real, text, bytes };

// "null", "boolean", "integer", "real", "text", "bytes": the answers of type_of().
std::string_view type_name(ValueType type);

class Value {
 public:
  constexpr Value() noexcept : integer_(0) {}  // null
  static constexpr Value boolean(bool value) noexcept { return {ValueType::boolean, value ? 1 : 0}; }
  static constexpr Value integer(std::int64_t value) noexcept { return {ValueType::integer, value}; }
  static constexpr Value real(double value) noexcept {
    Value result;
    result.type_ = ValueType::real;
    result.real_ = value;
    return result;
  }
  static constexpr Value text(std::string_view value) noexcept { return {ValueType::text, value}; }
  static constexpr Value bytes(std::string_view value) noexcept { return {ValueType::bytes, value}; }

  constexpr ValueType type() const noexcept { return type_; }
  constexpr bool is_null() const noexcept { return type_ == ValueType::null; }
  constexpr bool is_number() const noexcept { return type_ == ValueType::integer || type_ == ValueType::real; }
  constexpr bool is_text() const noexcept { return type_ == ValueType::text; }

  // REQUIRES: type() == ValueType::boolean
  constexpr bool as_boolean() const noexcept { return integer_ != 0; }
  // REQUIRES: type() == ValueType::integer
  constexpr std::int64_t as_integer() const noexcept { return integer_; }
  // REQUIRES: is_number(). An integer beyond 2^53 is rounded.
  constexpr double as_real() const noexcept { return type_ == ValueType::real ? real_ : static_cast<double>(integer_); }
  // REQUIRES: type() is text or bytes
  constexpr std::string_view as_text() const noexcept { return {data_, length_}; }

 private:
  constexpr Value(ValueType type, std::int64_t value) noexcept : type_(type), integer_(value) {}
  constexpr Value(ValueType type, std::string_view value) noexcept
      : type_(type), data_(value.data()), length_(value.size()) {}

  ValueType type_ = ValueType::null;
  union {
    std::int64_t integer_;
    double real_;
    const char* data_;
  };
  std::size_t length_ = 0;  // bytes behind data_
};

// The outcome of a condition: null is `unknown`.
enum class Truth : std::uint8_t { no, yes, unknown };

inline Truth truth_of(bool value) {
  return value ? Truth::yes : Truth::no;
}

// Everything that is no boolean is unknown.
inline Truth truth_of(const Value& value) {
  return value.type() == ValueType::boolean ? truth_of(value.as_boolean()) : Truth::unknown;
}

inline Value value_of(Truth truth) {
  return truth == Truth::unknown ? Value() : Value::boolean(truth == Truth::yes);
}

}  // namespace picket::routing

// SPDX-License-Identifier: Apache-2.0
//
// Orders of values, exactly: an integer and a double compare by their mathematical values, never by rounding one to
// the other's type. Called by nodes and functions while they evaluate; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "routing/expression/ast.hpp"
#include "routing/expression/value.hpp"

namespace picket::routing::expression {

// One more than the largest integer.
inline constexpr double kTwoTo63 = 9223372036854775808.0;

// Each gives one of kLess, kEqual, kGreater, or 0 when an operand is NaN.
inline OrderMask order_of(std::int64_t left, std::int64_t right) {
  return left < right ? kLess : left == right ? kEqual : kGreater;
}
inline OrderMask order_of(double left, double right) {
  return left < right ? kLess : left == right ? kEqual : left > right ? kGreater : OrderMask{0};
}
OrderMask order_of(std::int64_t left, double right);
inline OrderMask order_of(double left, std::int64_t right) {
  const OrderMask order = order_of(right, left);
  return order == kLess ? kGreater : order == kGreater ? kLess : order;
}
// REQUIRES: both are numbers
OrderMask order_of_numbers(const Value& left, const Value& right);

// Texts order by their bytes, which is the order of their code points.
inline OrderMask order_of(std::string_view left, std::string_view right) {
  const int order = left.compare(right);
  return order < 0 ? kLess : order == 0 ? kEqual : kGreater;
}

// Unknown when a value is null, is bytes, or when the two are of different kinds (text and number); and for booleans,
// when `orders` asks for more than equal or different. False for NaN, whatever is asked.
Truth compare(const Value& left, const Value& right, OrderMask orders);

}  // namespace picket::routing::expression

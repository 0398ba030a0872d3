// SPDX-License-Identifier: Apache-2.0
#include "routing/expression/compare.hpp"

#include <cmath>

namespace picket::routing::expression {

OrderMask order_of(std::int64_t left, double right) {
  if (std::isnan(right)) return 0;
  if (right >= kTwoTo63) return kLess;
  if (right < -kTwoTo63) return kGreater;
  const double whole = std::trunc(right);
  const OrderMask order = order_of(left, static_cast<std::int64_t>(whole));
  return order == kEqual ? order_of(whole, right) : order;
}

OrderMask order_of_numbers(const Value& left, const Value& right) {
  if (left.type() == ValueType::integer) {
    return right.type() == ValueType::integer ? order_of(left.as_integer(), right.as_integer())
                                              : order_of(left.as_integer(), right.as_real());
  }
  return right.type() == ValueType::integer ? order_of(left.as_real(), right.as_integer())
                                            : order_of(left.as_real(), right.as_real());
}

Truth compare(const Value& left, const Value& right, OrderMask orders) {
  if (left.is_number() && right.is_number()) return truth_of((order_of_numbers(left, right) & orders) != 0);
  if (left.type() != right.type()) return Truth::unknown;
  const bool equality_only = orders == kEqual || orders == (kLess | kGreater);
  if (left.is_text()) {
    const std::string_view a = left.as_text();
    const std::string_view b = right.as_text();
    if (equality_only) return truth_of((a == b) == (orders == kEqual));
    return truth_of((order_of(a, b) & orders) != 0);
  }
  if (left.type() == ValueType::boolean && equality_only) {
    return truth_of((left.as_boolean() == right.as_boolean()) == (orders == kEqual));
  }
  return Truth::unknown;
}

}  // namespace picket::routing::expression

// SPDX-License-Identifier: Apache-2.0
//
// Sets of values: what a field may be, given that a condition holds. For reasoning about conditions without an event
// (contradiction.hpp). A set may hold more values than are meant, never fewer. Any thread.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "routing/expression/value.hpp"

namespace picket::routing::expression {

// A number on the line of integers and reals, which compare exactly. Never NaN.
struct Number {
  Value value;
  std::weak_ordering operator<=>(const Number& other) const;
  bool operator==(const Number& other) const { return (*this <=> other) == 0; }
};

// What lies between two ends, each of which may be open, closed or not there.
template <typename T>
struct Range {
  std::optional<T> low;  // none: no lower end
  std::optional<T> high;
  bool low_closed = false;
  bool high_closed = false;

  bool is_point() const { return low && high && *low == *high; }
};

// Ranges in rising order that do not touch.
template <typename T>
class Ranges {
 public:
  // An intersection that would come to more stays what it was, which is larger than what is meant.
  static constexpr std::size_t kMost = 1'024;

  static Ranges all() { return Ranges({Range<T>{}}); }
  static Ranges none() { return Ranges({}); }
  static Ranges point(const T& value) { return Ranges({{value, value, true, true}}); }
  static Ranges points(std::vector<T> values);
  // Everything that is less than, equal to or greater than `value`, by `orders` (an OrderMask).
  static Ranges compared(unsigned orders, const T& value);
  // From `low` on, below `high`; without `high` to the end.
  static Ranges from(const T& low, std::optional<T> high) { return Ranges({{low, std::move(high), true, false}}); }

  Ranges complement() const;
  void intersect(const Ranges& other);
  void unite(const Ranges& other);

  bool empty() const { return ranges_.empty(); }
  const std::vector<Range<T>>& items() const { return ranges_; }
  // True if each of them is a single value.
  bool finite() const;
  // Keeps those for which `keep` says true.
  template <typename Keep>
  void keep_if(const Keep& keep) {
    std::erase_if(ranges_, [&](const Range<T>& range) { return !keep(range); });
  }

 private:
  explicit Ranges(std::vector<Range<T>> ranges) : ranges_(std::move(ranges)) {}
  std::vector<Range<T>> ranges_;
};

extern template class Ranges<Number>;
extern template class Ranges<std::string>;

struct ValueSet {
  bool null = false;
  bool no = false;   // the boolean false
  bool yes = false;  // the boolean true
  bool bytes = false;
  bool nan = false;
  Ranges<Number> numbers = Ranges<Number>::none();
  Ranges<std::string> texts = Ranges<std::string>::none();

  static ValueSet all() { return {true, true, true, true, true, Ranges<Number>::all(), Ranges<std::string>::all()}; }

  void intersect(const ValueSet& other);
  void unite(const ValueSet& other);
  bool empty() const { return !null && !no && !yes && !bytes && !nan && numbers.empty() && texts.empty(); }
  // Takes out the numbers that are no integers, for what is always one.
  void keep_integers();
};

// The texts that begin with `prefix`.
Ranges<std::string> texts_with_prefix(const std::string& prefix);

}  // namespace picket::routing::expression

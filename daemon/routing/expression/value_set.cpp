// SPDX-License-Identifier: Apache-2.0
#include "routing/expression/value_set.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "routing/expression/compare.hpp"

namespace picket::routing::expression {
namespace {

// Orders of ends. A low end that is not there is before all, a high one behind all; at one value a closed low end
// comes before an open one, an open high end before a closed one.
template <typename T>
bool low_less(const Range<T>& a, const Range<T>& b) {
  if (!a.low || !b.low) return !a.low && b.low;
  if (*a.low != *b.low) return *a.low < *b.low;
  return a.low_closed && !b.low_closed;
}

template <typename T>
bool high_less(const Range<T>& a, const Range<T>& b) {
  if (!a.high || !b.high) return a.high && !b.high;
  if (*a.high != *b.high) return *a.high < *b.high;
  return !a.high_closed && b.high_closed;
}

// True if nothing lies between the high end of `a` and the low end of `b`, so that the two are one range.
template <typename T>
bool joins(const Range<T>& a, const Range<T>& b) {
  if (!a.high || !b.low) return true;
  if (*a.high != *b.low) return *b.low < *a.high;
  return a.high_closed || b.low_closed;
}

template <typename T>
bool has_nothing(const Range<T>& range) {
  if (!range.low || !range.high) return false;
  if (*range.low != *range.high) return *range.high < *range.low;
  return !range.low_closed || !range.high_closed;
}

// The least integer in `range`, if there is one within 64 bits.
std::optional<std::int64_t> least_integer(const Range<Number>& range) {
  if (!range.low) return std::numeric_limits<std::int64_t>::min();
  const Value& low = range.low->value;
  if (low.type() == ValueType::integer) {
    if (range.low_closed) return low.as_integer();
    if (low.as_integer() == std::numeric_limits<std::int64_t>::max()) return std::nullopt;
    return low.as_integer() + 1;
  }
  const double real = low.as_real();
  if (real >= kTwoTo63) return std::nullopt;
  if (real < -kTwoTo63) return std::numeric_limits<std::int64_t>::min();
  const double above = std::ceil(real);
  if (above >= kTwoTo63) return std::nullopt;
  const auto whole = static_cast<std::int64_t>(above);
  if (above != real || range.low_closed) return whole;
  if (whole == std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return whole + 1;
}

bool holds_integer(const Range<Number>& range) {
  const std::optional<std::int64_t> least = least_integer(range);
  if (!least) return false;
  if (!range.high) return true;
  const OrderMask order = order_of_numbers(Value::integer(*least), range.high->value);
  return order == kLess || (order == kEqual && range.high_closed);
}

}  // namespace

std::weak_ordering Number::operator<=>(const Number& other) const {
  const OrderMask order = order_of_numbers(value, other.value);
  return order == kLess      ? std::weak_ordering::less
         : order == kGreater ? std::weak_ordering::greater
                             : std::weak_ordering::equivalent;
}

template <typename T>
Ranges<T> Ranges<T>::points(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  std::vector<Range<T>> ranges;
  ranges.reserve(values.size());
  for (const T& value : values) ranges.push_back({value, value, true, true});
  return Ranges(std::move(ranges));
}

template <typename T>
Ranges<T> Ranges<T>::compared(unsigned orders, const T& value) {
  const bool equal = (orders & kEqual) != 0;
  std::vector<Range<T>> ranges;
  if ((orders & kLess) != 0) ranges.push_back({std::nullopt, value, false, equal});
  if (equal && (orders & kLess) == 0 && (orders & kGreater) == 0) ranges.push_back({value, value, true, true});
  if ((orders & kGreater) != 0) ranges.push_back({value, std::nullopt, equal, false});
  if ((orders & kLess) != 0 && (orders & kGreater) != 0 && equal) return all();
  return Ranges(std::move(ranges));
}

template <typename T>
Ranges<T> Ranges<T>::complement() const {
  std::vector<Range<T>> ranges;
  Range<T> gap;  // from the end of the last range on
  for (const Range<T>& range : ranges_) {
    if (range.low) {
      gap.high = range.low;
      gap.high_closed = !range.low_closed;
      if (!has_nothing(gap)) ranges.push_back(gap);
    }
    if (!range.high) return Ranges(std::move(ranges));
    gap = {range.high, std::nullopt, !range.high_closed, false};
  }
  ranges.push_back(gap);
  return Ranges(std::move(ranges));
}

template <typename T>
void Ranges<T>::intersect(const Ranges& other) {
  std::vector<Range<T>> ranges;
  for (std::size_t i = 0, j = 0; i < ranges_.size() && j < other.ranges_.size();) {
    const Range<T>& a = ranges_[i];
    const Range<T>& b = other.ranges_[j];
    const Range<T>& low = low_less(a, b) ? b : a;
    const bool a_ends = high_less(a, b);
    const Range<T>& high = a_ends ? a : b;
    Range<T> both{low.low, high.high, low.low_closed, high.high_closed};
    if (!has_nothing(both)) ranges.push_back(std::move(both));
    ++(a_ends ? i : j);
  }
  if (ranges.size() <= std::max({kMost, ranges_.size(), other.ranges_.size()})) ranges_ = std::move(ranges);
}

template <typename T>
void Ranges<T>::unite(const Ranges& other) {
  std::vector<Range<T>> sorted;
  sorted.reserve(ranges_.size() + other.ranges_.size());
  std::merge(ranges_.begin(), ranges_.end(), other.ranges_.begin(), other.ranges_.end(), std::back_inserter(sorted),
             low_less<T>);
  ranges_.clear();
  for (Range<T>& range : sorted) {
    if (ranges_.empty() || !joins(ranges_.back(), range)) {
      ranges_.push_back(std::move(range));
    } else if (high_less(ranges_.back(), range)) {
      ranges_.back().high = std::move(range.high);
      ranges_.back().high_closed = range.high_closed;
    }
  }
}

template <typename T>
bool Ranges<T>::finite() const {
  return std::all_of(ranges_.begin(), ranges_.end(), [](const Range<T>& range) { return range.is_point(); });
}

template class Ranges<Number>;
template class Ranges<std::string>;

void ValueSet::intersect(const ValueSet& other) {
  null = null && other.null;
  no = no && other.no;
  yes = yes && other.yes;
  bytes = bytes && other.bytes;
  nan = nan && other.nan;
  numbers.intersect(other.numbers);
  texts.intersect(other.texts);
}

void ValueSet::unite(const ValueSet& other) {
  null = null || other.null;
  no = no || other.no;
  yes = yes || other.yes;
  bytes = bytes || other.bytes;
  nan = nan || other.nan;
  numbers.unite(other.numbers);
  texts.unite(other.texts);
}

void ValueSet::keep_integers() {
  nan = false;
  numbers.keep_if(holds_integer);
}

Ranges<std::string> texts_with_prefix(const std::string& prefix) {
  if (prefix.empty()) return Ranges<std::string>::all();
  std::string next = prefix;
  while (!next.empty() && static_cast<unsigned char>(next.back()) == 0xFF) next.pop_back();
  if (next.empty()) return Ranges<std::string>::from(prefix, std::nullopt);
  next.back() = static_cast<char>(static_cast<unsigned char>(next.back()) + 1);
  return Ranges<std::string>::from(prefix, next);
}

}  // namespace picket::routing::expression

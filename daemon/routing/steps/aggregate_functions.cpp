// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/aggregate_functions.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace picket::routing {

bool AggregateFunction::parse(std::string_view text, AggregateFunction& function) {
  struct Named {
    std::string_view name;
    Kind kind;
  };
  static constexpr std::array kNamed = {
      Named{"min", Kind::min},     Named{"max", Kind::max},     Named{"mean", Kind::mean}, Named{"sum", Kind::sum},
      Named{"count", Kind::count}, Named{"first", Kind::first}, Named{"last", Kind::last}};
  function.suffix = "." + std::string(text);
  for (const Named& named : kNamed) {
    if (named.name != text) continue;
    function.kind = named.kind;
    return true;
  }
  if (!text.starts_with('p')) return false;
  double percent = 0;
  const auto [end, error] =
      std::from_chars(text.data() + 1, text.data() + text.size(), percent, std::chars_format::fixed);
  const std::size_t point = text.find('.');
  if (error != std::errc() || end != text.data() + text.size() || std::signbit(percent) || percent > 100 ||
      (point != std::string_view::npos && text.size() - point > 5)) {
    return false;
  }
  function.kind = Kind::percentile;
  function.quantile = percent / 100;
  return true;
}

void AggregateState::add(std::int64_t time_ns, double value) {
  ++count_;
  const double sum = sum_ + value;
  lost_ += std::fabs(sum_) >= std::fabs(value) ? (sum_ - sum) + value : (value - sum) + sum_;
  sum_ = sum;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
  if (time_ns < first_time_) {
    first_time_ = time_ns;
    first_ = value;
  }
  if (time_ns >= last_time_) {
    last_time_ = time_ns;
    last_ = value;
  }
}

double AggregateState::value_of(const AggregateFunction& function, const SketchShape& shape) const {
  const double sum = std::isfinite(sum_) ? sum_ + lost_ : sum_;
  switch (function.kind) {
    case AggregateFunction::Kind::min:
      return min_;
    case AggregateFunction::Kind::max:
      return max_;
    case AggregateFunction::Kind::mean:
      return std::isfinite(sum) ? std::clamp(sum / static_cast<double>(count_), min_, max_) : sum;
    case AggregateFunction::Kind::sum:
      return sum;
    case AggregateFunction::Kind::count:
      return static_cast<double>(count_);
    case AggregateFunction::Kind::first:
      return first_;
    case AggregateFunction::Kind::last:
      return last_;
    case AggregateFunction::Kind::percentile:
      return std::clamp(sketch_.quantile(shape, function.quantile), min_, max_);
  }
  return 0;
}

}  // namespace picket::routing

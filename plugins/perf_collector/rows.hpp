// SPDX-License-Identifier: Apache-2.0
//
// Rows of samples that are known beforehand: a metric with fixed attributes, made from one number of a file or a call.
// A table of them is resolved to ids when its group is made. Used on the [control] thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "samples.hpp"

namespace picket::perf_collector {

// Attributes of one row: names of the vocabulary; an empty key is none.
struct RowAttribute {
  std::string_view key, value;
};
using RowAttributes = std::array<RowAttribute, 2>;

// value = number * multiply / 10^decimals. With decimals the value is a double, the nearest one to the decimal number.
struct RowSpec {
  const Metric* metric = nullptr;
  RowAttributes attributes{};
  std::int64_t multiply = 1;
  int decimals = 0;  // 0 to 9
};

// One row, resolved. Cheap to copy.
class SampleRow {
 public:
  SampleRow(const RowSpec& spec, const Vocabulary& vocabulary);

  bool wanted() const { return metric_ != 0; }
  void add(std::int64_t number, Samples& samples) const;

 private:
  struct Attribute {
    picket_name key = 0, value = 0;
  };
  picket_name metric_;
  std::array<Attribute, 2> attributes_{};
  std::int64_t multiply_;
  double divisor_;  // 0: the value is an integer
};

// Counters of the system are unsigned; the value of a sample is not. What has the highest bit set wraps, as it does
// for every reader of a signed counter.
inline std::int64_t counter_value(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}

}  // namespace picket::perf_collector

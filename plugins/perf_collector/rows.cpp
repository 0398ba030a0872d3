// SPDX-License-Identifier: Apache-2.0
//
// See rows.hpp.
#include "rows.hpp"

namespace picket::perf_collector {

SampleRow::SampleRow(const RowSpec& spec, const Vocabulary& vocabulary)
    : metric_(vocabulary.metric(*spec.metric)), multiply_(spec.multiply), divisor_(0) {
  for (std::size_t i = 0; i < attributes_.size(); ++i) {
    if (spec.attributes[i].key.empty()) continue;
    attributes_[i] = {vocabulary.name(spec.attributes[i].key), vocabulary.name(spec.attributes[i].value)};
  }
  if (spec.decimals > 0) divisor_ = 1;
  for (int i = 0; i < spec.decimals; ++i) divisor_ *= 10;
}

void SampleRow::add(std::int64_t number, Samples& samples) const {
  // Unsigned, since a counter may have its highest bit set.
  const auto value =
      static_cast<std::int64_t>(static_cast<std::uint64_t>(number) * static_cast<std::uint64_t>(multiply_));
  divisor_ > 0 ? samples.add(metric_, static_cast<double>(value) / divisor_) : samples.add(metric_, value);
  for (const Attribute& attribute : attributes_) {
    if (attribute.key != 0) samples.set(attribute.key, attribute.value);
  }
}

}  // namespace picket::perf_collector

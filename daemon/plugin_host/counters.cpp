// SPDX-License-Identifier: Apache-2.0
#include "plugin_host/counters.hpp"

#include "plugin_host/text.hpp"

namespace picket::plugin_host {

std::uint32_t Counters::add(const picket_metric& metric) {
  const std::string name(view(metric.name));
  if (name.empty()) return 0;
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = 0; i < registered_.size(); ++i) {
    if (registered_[i].name == name) return static_cast<std::uint32_t>(i + 1);
  }
  if (registered_.size() >= kMax) return 0;
  registered_.push_back({name, std::string(view(metric.unit)), std::string(view(metric.help)), metric.instrument, 0});
  return static_cast<std::uint32_t>(registered_.size());
}

std::vector<CounterValue> Counters::read() const {
  const std::scoped_lock lock(mutex_);
  std::vector<CounterValue> result = registered_;
  for (std::size_t i = 0; i < result.size(); ++i) result[i].value = values_[i].load(std::memory_order_relaxed);
  return result;
}

}  // namespace picket::plugin_host

// SPDX-License-Identifier: Apache-2.0
//
// See process_top.hpp.
#include "process_top.hpp"

#include <algorithm>

namespace picket::perf_collector {

namespace {

std::string_view shown_name(const ProcessStat& process) {
  const std::string_view name = process.name();
  return process.kernel ? name.substr(0, name.find('/')) : name;
}

}  // namespace

void ProcessTop::update(const std::vector<FollowedProcess>& processes) {
  for (auto& [name, sum] : sums_) sum = Sum{name, 0, 0, 0};
  for (const FollowedProcess& process : processes) {
    const std::string_view name = shown_name(process.now);
    auto found = sums_.find(name);
    if (found == sums_.end()) {
      found = sums_.try_emplace(std::string(name)).first;
      found->second.name = found->first;
    }
    Sum& sum = found->second;
    sum.cpu_units += process.user_spent + process.system_spent;
    sum.resident_bytes += process.now.resident_bytes;
    ++sum.count;
  }
  std::erase_if(sums_, [](const auto& entry) { return entry.second.count == 0; });
}

const std::vector<const ProcessTop::Sum*>& ProcessTop::largest(std::size_t count, TopBy by) {
  const auto weight = [by](const Sum& sum) {
    return by == TopBy::cpu ? sum.cpu_units : static_cast<std::uint64_t>(sum.resident_bytes);
  };
  order_.clear();
  for (const auto& [name, sum] : sums_) {
    if (weight(sum) > 0) order_.push_back(&sum);
  }
  const auto end = order_.begin() + static_cast<std::ptrdiff_t>(std::min(count, order_.size()));
  std::partial_sort(order_.begin(), end, order_.end(), [&weight](const Sum* a, const Sum* b) {
    return weight(*a) != weight(*b) ? weight(*a) > weight(*b) : a->name < b->name;
  });
  order_.erase(end, order_.end());
  return order_;
}

}  // namespace picket::perf_collector

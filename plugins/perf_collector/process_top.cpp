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

double weight_of(const ProcessUsage& usage, TopBy by) {
  if (by == TopBy::memory) return static_cast<double>(usage.gauges[kResidentBytes]);
  return by == TopBy::io ? usage.io_rate : usage.user_rate + usage.system_rate;
}

}  // namespace

ProcessTop::Sum& ProcessTop::sum_of(std::string_view name) {
  auto found = sums_.find(name);
  if (found == sums_.end()) {
    found = sums_.try_emplace(std::string(name)).first;
    found->second.name = found->first;
  }
  return found->second;
}

void ProcessTop::update(const std::vector<FollowedProcess>& processes) {
  refused_ = 0;
  for (auto& [name, sum] : sums_) sum.usage.begin();
  Sum* last = nullptr;  // neighbours in the list are often of one program
  for (const FollowedProcess& process : processes) {
    if (!process.known) continue;
    const std::string_view name = shown_name(process.now);
    if (last == nullptr || last->name != name) last = &sum_of(name);
    last->usage.add(process);
    refused_ |= process.now.refused;
  }
  std::erase_if(sums_, [](const auto& entry) { return entry.second.usage.count == 0; });
}

const std::vector<const ProcessTop::Sum*>& ProcessTop::largest(std::size_t count, TopBy by) {
  const auto weight = [by](const Sum& sum) { return weight_of(sum.usage, by); };
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

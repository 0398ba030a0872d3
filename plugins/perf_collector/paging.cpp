// SPDX-License-Identifier: Apache-2.0
//
// See paging.hpp.
#include "paging.hpp"

#include <algorithm>

namespace picket::perf_collector {

PagingMeter::PagingMeter(const Choice& devices, const Vocabulary& vocabulary)
    : devices_(devices),
      usage_(vocabulary.metric(kPagingUsage)),
      utilization_(vocabulary.metric(kPagingUtilization)),
      device_key_(vocabulary.name("system.device")),
      state_key_(vocabulary.name("system.paging.state")),
      used_(vocabulary.name("used")),
      free_(vocabulary.name("free")) {}

void PagingMeter::add(std::string_view device, std::int64_t total, std::int64_t used, Samples& samples) {
  if (!devices_.wants(device)) return;
  const std::int64_t free = std::max<std::int64_t>(0, total - used);
  samples.add(usage_, used).set_text(device_key_, device).set(state_key_, used_);
  samples.add(usage_, free).set_text(device_key_, device).set(state_key_, free_);
  if (total <= 0) return;
  const auto share = [total](std::int64_t part) { return static_cast<double>(part) / static_cast<double>(total); };
  samples.add(utilization_, share(used)).set_text(device_key_, device).set(state_key_, used_);
  samples.add(utilization_, share(free)).set_text(device_key_, device).set(state_key_, free_);
}

}  // namespace picket::perf_collector

// SPDX-License-Identifier: Apache-2.0
#include "plugin_host/metric_registry.hpp"

#include <algorithm>

#include "plugin_host/text.hpp"

namespace picket::plugin_host {

picket_name MetricRegistry::describe(const picket_metric& metric) {
  const picket_name name = names_.intern(view(metric.name));
  if (name == 0) return 0;
  const std::scoped_lock lock(mutex_);
  auto& slot = descriptions_[name];
  if (!slot) {
    slot = std::make_unique<const Description>(
        Description{std::string(view(metric.name)), std::string(view(metric.unit)), std::string(view(metric.help)),
                    metric.instrument, std::clamp(metric.decimals, -1, 15)});
  }
  return name;
}

picket_status MetricRegistry::find(picket_name name, picket_metric& metric) const {
  const std::scoped_lock lock(mutex_);
  const auto found = descriptions_.find(name);
  if (found == descriptions_.end()) return PICKET_NOT_FOUND;
  const Description& description = *found->second;
  picket_metric full{};
  full.size = sizeof full;
  full.instrument = description.instrument;
  full.name = text(description.name);
  full.unit = text(description.unit);
  full.help = text(description.help);
  full.decimals = description.decimals;
  write_up_to_size(full, metric);
  return PICKET_OK;
}

}  // namespace picket::plugin_host

// SPDX-License-Identifier: Apache-2.0
//
// What the metric names on the bus mean: unit, instrument, decimals, help. Shared by all instances; the first
// description of a name wins. Bounded by the table of names.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "picket/host.h"
#include "routing/names.hpp"

namespace picket::plugin_host {

// Thread-safe.
class MetricRegistry {
 public:
  explicit MetricRegistry(routing::Names& names) : names_(names) {}

  // See picket_host.describe_metric.
  picket_name describe(const picket_metric& metric);
  // See picket_host.metric.
  picket_status find(picket_name name, picket_metric& metric) const;

 private:
  struct Description {
    std::string name, unit, help;
    std::uint32_t instrument;
    std::int32_t decimals;
  };
  routing::Names& names_;
  mutable std::mutex mutex_;
  std::map<picket_name, std::unique_ptr<const Description>> descriptions_;  // guarded by mutex_
};

}  // namespace picket::plugin_host

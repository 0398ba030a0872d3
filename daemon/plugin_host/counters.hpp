// SPDX-License-Identifier: Apache-2.0
//
// The counters of one instance: registered once, added to without a lock from any thread, published by the daemon.
// They belong to the instance's name and survive its restarts.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "picket/host.h"

namespace picket::plugin_host {

struct CounterValue {
  std::string name;  // as registered
  std::string unit, help;
  std::uint32_t instrument = PICKET_INSTRUMENT_COUNTER;
  std::int64_t value = 0;
};

// Thread-safe.
class Counters {
 public:
  static constexpr std::uint32_t kMax = 256;

  // See picket_host.register_counter.
  std::uint32_t add(const picket_metric& metric);
  void increment(std::uint32_t id, std::int64_t delta) {
    if (id != 0 && id <= kMax) values_[id - 1].fetch_add(delta, std::memory_order_relaxed);
  }
  void set(std::uint32_t id, std::int64_t value) {
    if (id != 0 && id <= kMax) values_[id - 1].store(value, std::memory_order_relaxed);
  }

  // Every registered counter, in order of registration.
  std::vector<CounterValue> read() const;

 private:
  std::array<std::atomic<std::int64_t>, kMax> values_{};
  mutable std::mutex mutex_;
  std::vector<CounterValue> registered_;  // guarded by mutex_; `value` is unused
};

}  // namespace picket::plugin_host

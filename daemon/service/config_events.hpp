// SPDX-License-Identifier: Apache-2.0
//
// Changes of the configuration as events of kind `config` of the source `picket`, and how many there were. On the core
// lane.
#pragma once

#include <array>
#include <cstdint>
#include <deque>

#include "plugin_host/core.hpp"
#include "service/reload.hpp"

namespace picket::service {

class ConfigEvents {
 public:
  static constexpr std::size_t kMaxWaiting = 16;       // events that a full queue did not take
  static constexpr std::size_t kMaxProblems = 8;       // lines of one event
  static constexpr std::size_t kMaxProblemLine = 400;  // bytes

  // Both outlive it.
  ConfigEvents(plugin_host::Core& core, routing::Source& source) : core_(core), source_(source) {}
  ~ConfigEvents();
  ConfigEvents(const ConfigEvents&) = delete;
  ConfigEvents& operator=(const ConfigEvents&) = delete;

  // Emits it, behind those that still wait. What a full queue that blocks does not take now is offered again by
  // retry(), until there are too many: then the oldest is lost, and the log says so.
  void emit(const ConfigNotice& notice);
  void retry();

  std::uint64_t count(ConfigNotice::Outcome outcome) const { return counts_[static_cast<std::size_t>(outcome)]; }

 private:
  picket_batch* make(const ConfigNotice& notice) const;

  plugin_host::Core& core_;
  routing::Source& source_;
  std::array<std::uint64_t, 4> counts_{};
  std::deque<picket_batch*> waiting_;
};

}  // namespace picket::service

// SPDX-License-Identifier: Apache-2.0
//
// When a timer runs next, and what its runs are told: pure arithmetic, apart from threads and clocks so that every
// clock step can be tested.
//
// Timers run on monotonic time, so a step of the wall clock neither fires nor delays one. An aligned timer takes its
// phase from the wall clock; after a step it finds the new phase by skipping forward, never by a burst or a repeat.
#pragma once

#include <cstdint>

#include "picket/host.h"

namespace picket::plugin_host {

class TickSchedule {
 public:
  // `spec` is valid: delay and period >= 0, an aligned timer has a period.
  TickSchedule(const picket_timer_spec& spec, std::int64_t monotonic_ns, std::int64_t wall_ns);

  // The monotonic time of the next run.
  std::int64_t due() const { return due_; }

  // A run begins now (at or after due()).
  picket_tick begin(std::int64_t monotonic_ns, std::int64_t wall_ns);

  // A run has ended; false if there is no next one.
  bool next(std::int64_t monotonic_ns, std::int64_t wall_ns);

 private:
  bool aligned() const { return (flags_ & PICKET_TIMER_ALIGNED) != 0; }

  const std::uint32_t flags_;
  const std::int64_t period_;
  std::int64_t due_;       // monotonic
  std::int64_t due_wall_;  // what the wall clock should show at due_
  std::int64_t last_due_ = 0;
  std::uint32_t missed_ = 0;  // whole periods lost since the last run, known when it was scheduled
};

}  // namespace picket::plugin_host

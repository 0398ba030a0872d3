// SPDX-License-Identifier: Apache-2.0
//
// Everything that waits for time in this plugin, on one timer of the host: a thousand programs have several thousand
// deadlines, an instance may have 1,024 timers. Monotonic time of the host, so a step of the wall clock moves nothing
// and tests move everything. [control]
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include <picket/plugin.hpp>

namespace picket::process_supervisor {

using Appointment = std::uint64_t;  // 0: none

class Agenda {
 public:
  explicit Agenda(Host host) : host_(host) {}

  std::int64_t now_ns() const { return host_.monotonic().count(); }

  // Runs `task` once at `time_ns`, or soon if that has passed. A task may make and cancel appointments.
  Appointment at(std::int64_t time_ns, std::function<void()> task);
  Appointment after(std::int64_t delay_ns, std::function<void()> task) {
    return at(now_ns() + delay_ns, std::move(task));
  }
  // Cancels, and forgets the appointment. 0 and those that are over are fine.
  void cancel(Appointment& appointment);

  // Forgets everything; afterwards nothing runs.
  void clear();

  std::size_t size() const { return tasks_.size(); }

 private:
  void run();
  void arm();

  Host host_;
  Timer timer_;
  std::optional<std::int64_t> armed_ns_;  // when the timer will run
  bool running_ = false;
  Appointment last_ = 0;
  std::set<std::pair<std::int64_t, Appointment>> order_;
  std::unordered_map<Appointment, std::pair<std::int64_t, std::function<void()>>> tasks_;
};

}  // namespace picket::process_supervisor

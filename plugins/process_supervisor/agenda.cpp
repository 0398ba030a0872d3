// SPDX-License-Identifier: Apache-2.0
#include "agenda.hpp"

#include <algorithm>
#include <chrono>

namespace picket::process_supervisor {

Appointment Agenda::at(std::int64_t time_ns, std::function<void()> task) {
  const Appointment id = ++last_;
  order_.emplace(time_ns, id);
  tasks_.emplace(id, std::pair(time_ns, std::move(task)));
  if (!running_) arm();
  return id;
}

void Agenda::cancel(Appointment& appointment) {
  const Appointment id = std::exchange(appointment, 0);
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) return;
  order_.erase({found->second.first, id});
  tasks_.erase(found);
  // The timer stays: it runs once for nothing, which is cheaper than setting it anew at each change.
}

void Agenda::clear() {
  timer_.cancel();
  armed_ns_.reset();
  order_.clear();
  tasks_.clear();
}

void Agenda::run() {
  armed_ns_.reset();
  running_ = true;
  const std::int64_t now = now_ns();
  // Only what is due now: a task that makes an appointment for at once has its turn in the next round.
  const Appointment newest = last_;
  for (auto next = order_.begin(); next != order_.end() && next->first <= now;) {
    if (next->second > newest) {
      ++next;
      continue;
    }
    const auto found = tasks_.find(next->second);
    const std::function<void()> task = std::move(found->second.second);
    tasks_.erase(found);
    order_.erase(next);
    try {
      task();
    } catch (const std::exception& exception) {
      host_.error(exception.what());
    }
    next = order_.begin();
  }
  running_ = false;
  arm();
}

void Agenda::arm() {
  if (order_.empty()) return;
  const std::int64_t first = order_.begin()->first;
  if (armed_ns_ && *armed_ns_ <= first) return;
  armed_ns_ = first;
  timer_ = Timer::after(host_, std::chrono::nanoseconds(std::max<std::int64_t>(first - now_ns(), 0)),
                        [this](const Tick& /*tick*/) { run(); });
}

}  // namespace picket::process_supervisor

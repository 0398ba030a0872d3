// SPDX-License-Identifier: Apache-2.0
#include "platform/virtual_executor.hpp"

#include <utility>

namespace picket::platform {

void VirtualExecutor::post(Task task) {
  ready_.push_back(std::move(task));
}

CallId VirtualExecutor::call_at(std::int64_t monotonic_ns, Task task) {
  const CallId id = next_call_++;
  calls_.emplace(monotonic_ns, std::make_pair(id, std::move(task)));
  return id;
}

bool VirtualExecutor::cancel(CallId id) {
  for (auto it = calls_.begin(); it != calls_.end(); ++it) {
    if (it->second.first == id) {
      calls_.erase(it);
      return true;
    }
  }
  return false;
}

std::shared_ptr<Executor> VirtualExecutor::make_dedicated(const std::string& /*name*/, unsigned /*threads*/) {
  return shared_from_this();
}

bool VirtualExecutor::run_one() {
  release_due();
  if (ready_.empty()) return false;
  if (seed_ != 0 && ready_.size() > 1) {
    const auto pick = static_cast<std::ptrdiff_t>(random_() % ready_.size());
    std::swap(ready_.front(), ready_[static_cast<std::size_t>(pick)]);
  }
  const Task task = std::move(ready_.front());
  ready_.pop_front();
  task();
  return true;
}

void VirtualExecutor::run_ready() {
  while (run_one()) {
  }
}

void VirtualExecutor::run_for(std::int64_t duration_ns) {
  const std::int64_t end = clock_.monotonic_ + duration_ns;
  run_ready();
  while (!calls_.empty() && calls_.begin()->first <= end) run_next_call();
  clock_.wall_ += end - clock_.monotonic_;
  clock_.monotonic_ = end;
  run_ready();
}

bool VirtualExecutor::run_next_call() {
  if (calls_.empty()) return false;
  const std::int64_t due = calls_.begin()->first;
  if (due > clock_.monotonic_) {
    clock_.wall_ += due - clock_.monotonic_;
    clock_.monotonic_ = due;
  }
  run_ready();
  return true;
}

void VirtualExecutor::release_due() {
  while (!calls_.empty() && calls_.begin()->first <= clock_.monotonic_) {
    ready_.push_back(std::move(calls_.begin()->second.second));
    calls_.erase(calls_.begin());
  }
}

}  // namespace picket::platform

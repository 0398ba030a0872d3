// SPDX-License-Identifier: Apache-2.0
#include "platform/executor.hpp"

#include <utility>

namespace picket::platform {
namespace {
thread_local const Lane* current_lane = nullptr;
}

std::shared_ptr<Lane> Lane::make(std::shared_ptr<Executor> executor) {
  return std::shared_ptr<Lane>(new Lane(std::move(executor)));
}

bool Lane::is_current() const {
  return current_lane == this;
}

void Lane::post(Task task) {
  {
    const std::scoped_lock lock(mutex_);
    queue_.push_back(std::move(task));
    if (scheduled_) return;
    scheduled_ = true;
  }
  executor_->post([lane = shared_from_this()] { lane->run(); });
}

void Lane::run() {
  // One round of what is queued, then back to the executor: a busy lane must not starve the others of its threads.
  std::vector<Task> round;
  {
    const std::scoped_lock lock(mutex_);
    round.swap(queue_);
  }
  const Lane* outer = std::exchange(current_lane, this);
  for (Task& task : round) {
    task();
    task = nullptr;  // its captures end inside the lane
  }
  current_lane = outer;
  round.clear();
  {
    const std::scoped_lock lock(mutex_);
    if (queue_.empty()) {
      queue_.swap(round);  // keep the capacity
      scheduled_ = false;
      return;
    }
  }
  executor_->post([lane = shared_from_this()] { lane->run(); });
}

}  // namespace picket::platform

// SPDX-License-Identifier: Apache-2.0
//
// The loop without descriptors: tasks and timers only, which is what there is until named pipes come with their
// completion port.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "loop.hpp"

namespace picket::pipe_server {
namespace {

constexpr auto kLongestWait = std::chrono::minutes(1);

class WaitingLoop final : public Loop {
 public:
  explicit WaitingLoop(Host host) : host_(host), now_ns_(host.monotonic().count()) {
    thread_ = std::thread([this] { work(); });
  }
  ~WaitingLoop() override { stop(); }

  void post(Task task) override {
    const std::scoped_lock lock(mutex_);
    if (ending_) return;
    posted_.push_back(std::move(task));
    wake_.notify_one();
  }
  void run(const Task& task) override {
    std::promise<void> done;
    post([&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }
  bool is_current() const override { return std::this_thread::get_id() == thread_.get_id(); }
  TimerId call_after(std::int64_t delay_ns, Task task) override {
    const TimerId id = next_timer_++;
    timers_.emplace(now_ns_ + std::max<std::int64_t>(delay_ns, 0), std::make_pair(id, std::move(task)));
    return id;
  }
  void cancel(TimerId timer) override {
    const auto found =
        std::find_if(timers_.begin(), timers_.end(), [&](const auto& t) { return t.second.first == timer; });
    if (found != timers_.end()) timers_.erase(found);
  }
  void at_end_of_round(Task task) override { round_tasks_.push_back(std::move(task)); }
  std::int64_t now_ns() const override { return now_ns_; }
  void stop() override {
    {
      const std::scoped_lock lock(mutex_);
      if (ending_) return;
      ending_ = true;
      wake_.notify_one();
    }
    thread_.join();
  }

 private:
  void work() {
    std::vector<Task> tasks;
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        std::chrono::nanoseconds wait = kLongestWait;
        if (!timers_.empty())
          wait = std::chrono::nanoseconds(std::max<std::int64_t>(timers_.begin()->first - now_ns_, 0));
        wake_.wait_for(lock, std::min<std::chrono::nanoseconds>(wait, kLongestWait),
                       [this] { return ending_ || !posted_.empty(); });
        if (ending_ && posted_.empty()) return;
        tasks.swap(posted_);
      }
      now_ns_ = host_.monotonic().count();
      for (const Task& task : tasks) task();
      tasks.clear();
      while (!timers_.empty() && timers_.begin()->first <= now_ns_) {
        const Task task = std::move(timers_.begin()->second.second);
        timers_.erase(timers_.begin());
        task();
      }
      while (!round_tasks_.empty()) {
        std::vector<Task> ending;
        ending.swap(round_tasks_);
        for (const Task& task : ending) task();
      }
    }
  }

  Host host_;
  std::int64_t now_ns_;
  std::multimap<std::int64_t, std::pair<TimerId, Task>> timers_;
  TimerId next_timer_ = 1;
  std::vector<Task> round_tasks_;
  std::mutex mutex_;  // guards the two below
  std::vector<Task> posted_;
  bool ending_ = false;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Loop> Loop::make(Host host) {
  return std::make_unique<WaitingLoop>(host);
}

}  // namespace picket::pipe_server

// SPDX-License-Identifier: Apache-2.0
//
// The loop over epoll, level-triggered: what is ready and not read stays ready, so one read a round is enough and no
// client starves another.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "loop.hpp"

namespace picket::pipe_server {

// A descriptor of the system that is closed with its owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { reset(); }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

// What waits at a descriptor.
class Pollable {
 public:
  virtual ~Pollable() = default;
  virtual void ready(std::uint32_t events) = 0;  // EPOLLIN ...
};

class EpollLoop final : public Loop {
 public:
  explicit EpollLoop(Host host);
  ~EpollLoop() override;

  void post(Task task) override;
  void run(const Task& task) override;
  bool is_current() const override { return std::this_thread::get_id() == thread_.get_id(); }
  TimerId call_after(std::int64_t delay_ns, Task task) override;
  void cancel(TimerId timer) override;
  void at_end_of_round(Task task) override { round_tasks_.push_back(std::move(task)); }
  std::int64_t now_ns() const override { return now_ns_; }
  void stop() override;

  // On the thread. False with errno set when the system refuses.
  bool add(int fd, std::uint32_t events, Pollable& who);
  bool modify(int fd, std::uint32_t events, Pollable& who);
  // Afterwards `who` hears nothing more, not even of what is ready already.
  void remove(int fd, Pollable& who);

  // One buffer for all reads, with Session::kPadding bytes to spare behind `size`.
  char* buffer(std::size_t size);

 private:
  void work();
  void wait();
  int timeout_ms() const;
  void run_posted();
  void run_timers();
  void end_round();

  Host host_;
  Descriptor epoll_;
  Descriptor wake_;
  std::array<epoll_event, 128> ready_{};
  int ready_count_ = 0;
  int ready_next_ = 0;
  std::int64_t now_ns_ = 0;
  std::multimap<std::int64_t, std::pair<TimerId, Task>> timers_;
  TimerId next_timer_ = 1;
  std::vector<Task> round_tasks_;
  std::vector<char> buffer_;
  bool ending_ = false;

  std::mutex mutex_;  // guards the two below
  std::vector<Task> posted_;
  bool closed_ = false;
  std::thread thread_;
};

}  // namespace picket::pipe_server

// SPDX-License-Identifier: Apache-2.0
#include "loop_linux.hpp"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <future>
#include <string>

#include "session.hpp"

namespace picket::pipe_server {
namespace {

constexpr std::int64_t kMillisecondNs = 1'000'000;
constexpr int kLongestWaitMs = 60'000;

Failure no_loop(const char* what) {
  return Failure(std::string(what) + ": " + std::strerror(errno), PICKET_FAILED);
}

}  // namespace

void Descriptor::reset() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

std::unique_ptr<Loop> Loop::make(Host host) {
  return std::make_unique<EpollLoop>(host);
}

EpollLoop::EpollLoop(Host host)
    : host_(host), epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!epoll_ || !wake_) throw no_loop("cannot wait for clients");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) != 0) throw no_loop("cannot wait for clients");
  now_ns_ = host_.monotonic().count();
  // Signals are the daemon's business: no handler of it runs on this thread.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { work(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(thread_.native_handle(), "pipe_server");
}

EpollLoop::~EpollLoop() {
  stop();
}

void EpollLoop::stop() {
  if (!thread_.joinable()) return;
  post([this] { ending_ = true; });
  thread_.join();
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  posted_.clear();
}

void EpollLoop::post(Task task) {
  bool first = false;
  {
    const std::scoped_lock lock(mutex_);
    if (closed_) return;
    first = posted_.empty();
    posted_.push_back(std::move(task));
  }
  if (!first) return;  // somebody has woken it up, and it has not looked yet
  const std::uint64_t one = 1;
  static_cast<void>(!::write(wake_.get(), &one, sizeof one));
}

void EpollLoop::run(const Task& task) {
  // Shared: the thread may still be inside of set_value when the wait is over.
  const auto done = std::make_shared<std::promise<void>>();
  post([done, &task] {
    task();
    done->set_value();
  });
  done->get_future().wait();
}

// --- timers --------------------------------------------------------------------------------------------------------

TimerId EpollLoop::call_after(std::int64_t delay_ns, Task task) {
  const TimerId id = next_timer_++;
  timers_.emplace(now_ns_ + std::max<std::int64_t>(delay_ns, 0), std::make_pair(id, std::move(task)));
  return id;
}

void EpollLoop::cancel(TimerId timer) {
  if (timer == 0) return;
  const auto found =
      std::find_if(timers_.begin(), timers_.end(), [&](const auto& t) { return t.second.first == timer; });
  if (found != timers_.end()) timers_.erase(found);
}

void EpollLoop::run_timers() {
  while (!timers_.empty() && timers_.begin()->first <= now_ns_) {
    const Task task = std::move(timers_.begin()->second.second);
    timers_.erase(timers_.begin());
    task();
  }
}

int EpollLoop::timeout_ms() const {
  if (!round_tasks_.empty()) return 0;
  if (timers_.empty()) return -1;
  const std::int64_t left = timers_.begin()->first - now_ns_;
  return static_cast<int>(std::clamp<std::int64_t>((left + kMillisecondNs - 1) / kMillisecondNs, 0, kLongestWaitMs));
}

// --- descriptors ---------------------------------------------------------------------------------------------------

bool EpollLoop::add(int fd, std::uint32_t events, Pollable& who) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &who;
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

bool EpollLoop::modify(int fd, std::uint32_t events, Pollable& who) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &who;
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0;
}

void EpollLoop::remove(int fd, Pollable& who) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  for (int i = ready_next_; i < ready_count_; ++i) {
    if (ready_[static_cast<std::size_t>(i)].data.ptr == &who) ready_[static_cast<std::size_t>(i)].events = 0;
  }
}

char* EpollLoop::buffer(std::size_t size) {
  if (buffer_.size() < size + Session::kPadding) buffer_.resize(size + Session::kPadding);
  return buffer_.data();
}

// --- the thread ----------------------------------------------------------------------------------------------------

void EpollLoop::work() {
  while (!ending_) {
    wait();
    bool posted = false;
    for (ready_next_ = 0; ready_next_ < ready_count_;) {
      const epoll_event& event = ready_[static_cast<std::size_t>(ready_next_++)];
      if (event.data.ptr == nullptr) {
        posted = true;
      } else if (event.events != 0) {
        static_cast<Pollable*>(event.data.ptr)->ready(event.events);
      }
    }
    ready_count_ = 0;
    if (posted) run_posted();
    run_timers();
    end_round();
  }
}

void EpollLoop::wait() {
  const int count = ::epoll_wait(epoll_.get(), ready_.data(), static_cast<int>(ready_.size()), timeout_ms());
  ready_count_ = std::max(count, 0);
  now_ns_ = host_.monotonic().count();
}

void EpollLoop::run_posted() {
  std::uint64_t ignored = 0;
  static_cast<void>(!::read(wake_.get(), &ignored, sizeof ignored));
  std::vector<Task> tasks;
  {
    const std::scoped_lock lock(mutex_);
    tasks.swap(posted_);
  }
  for (const Task& task : tasks) task();
}

void EpollLoop::end_round() {
  while (!round_tasks_.empty()) {
    std::vector<Task> tasks;
    tasks.swap(round_tasks_);
    for (const Task& task : tasks) task();
  }
}

}  // namespace picket::pipe_server

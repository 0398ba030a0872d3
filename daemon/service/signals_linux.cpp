// SPDX-License-Identifier: Apache-2.0
//
// A handler may do almost nothing (signal-safety(7)), so it writes the signal's number into a pipe, and a thread that
// sleeps in read() turns it into a task. signalfd would need the signals blocked in every thread, also in those that
// plugins' libraries start.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <thread>
#include <utility>

#include "platform/thread_name.hpp"
#include "service/signals.hpp"

namespace picket::service {
namespace {

constexpr std::array<int, 5> kSignals = {SIGHUP, SIGTERM, SIGINT, SIGUSR1, SIGUSR2};
constexpr unsigned char kEnd = 0;  // no signal has this number

std::atomic<int> pipe_end{-1};  // what the handler writes to
static_assert(std::atomic<int>::is_always_lock_free, "the handler may not wait for a lock");

extern "C" void picket_on_signal(int number) {
  const int saved = errno;
  const auto byte = static_cast<unsigned char>(number);
  // The pipe does not block: when it is full, the daemon has plenty of requests to work on.
  [[maybe_unused]] const ssize_t written = write(pipe_end.load(), &byte, 1);
  errno = saved;
}

class PipeSignals final : public Signals {
 public:
  PipeSignals(int read_end, int write_end, std::shared_ptr<platform::Lane> lane, Handler handler)
      : read_end_(read_end), write_end_(write_end), lane_(std::move(lane)), handler_(std::move(handler)) {
    struct sigaction action {};
    action.sa_handler = picket_on_signal;
    action.sa_flags = SA_RESTART;  // plugins and their libraries do not expect EINTR
    sigfillset(&action.sa_mask);
    for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &action, &previous_[i]);
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, nullptr);
    sigaction(SIGXFSZ, &ignore, nullptr);
    thread_ = std::thread([this] { run(); });
  }
  PipeSignals(const PipeSignals&) = delete;
  PipeSignals& operator=(const PipeSignals&) = delete;

  ~PipeSignals() override {
    for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &previous_[i], nullptr);
    // The pipe may be full of signals; then the thread is about to make room.
    while (write(write_end_, &kEnd, 1) < 0 && (errno == EAGAIN || errno == EINTR)) std::this_thread::yield();
    thread_.join();
    pipe_end.store(-1);
    close(read_end_);
    close(write_end_);
  }

 private:
  void run() {
    platform::name_this_thread("signals");
    unsigned char byte = kEnd;
    while (true) {
      const ssize_t length = read(read_end_, &byte, 1);
      if (length == 1 && byte == kEnd) return;
      if (length == 1) deliver(byte);
    }
  }

  void deliver(int number) {
    switch (number) {
      case SIGHUP:
        return post_once(SignalRequest::reload);
      case SIGUSR1:
        return post_once(SignalRequest::flush);
      case SIGUSR2:
        return post_once(SignalRequest::dump);
      default:
        if (const auto request = stops_.next()) return post(*request);
        std::_Exit(kForcedExitCode);
    }
  }

  void post(SignalRequest request) {
    lane_->post([handler = handler_, request] { handler(request); });
  }

  // One that waits on the lane serves whoever asks before its turn: a flood of signals costs no queue.
  void post_once(SignalRequest request) {
    const auto index = static_cast<std::size_t>(request);
    if ((*waiting_)[index].exchange(true)) return;
    lane_->post([handler = handler_, request, waiting = waiting_, index] {
      (*waiting)[index].store(false);
      handler(request);
    });
  }

  const int read_end_;
  const int write_end_;
  const std::shared_ptr<platform::Lane> lane_;
  const std::shared_ptr<std::array<std::atomic<bool>, kSignalRequests>> waiting_ =
      std::make_shared<std::array<std::atomic<bool>, kSignalRequests>>();
  const Handler handler_;
  StopCounter stops_;  // used by thread_ alone
  std::array<struct sigaction, kSignals.size()> previous_{};
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Signals>> Signals::install(std::shared_ptr<platform::Lane> lane, Handler handler) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return Error{"cannot make a pipe for signals: " + std::generic_category().message(errno)};
  }
  fcntl(ends[1], F_SETFL, O_NONBLOCK);  // the writing end alone: the thread sleeps in read()
  int none = -1;
  if (!pipe_end.compare_exchange_strong(none, ends[1])) {
    close(ends[0]);
    close(ends[1]);
    return Error{"signals are already handled in this process", PICKET_REFUSED};
  }
  return std::unique_ptr<Signals>(new PipeSignals(ends[0], ends[1], std::move(lane), std::move(handler)));
}

}  // namespace picket::service

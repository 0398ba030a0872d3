// SPDX-License-Identifier: Apache-2.0
#include "service/notify.hpp"

#include <algorithm>
#include <charconv>
#include <mutex>
#include <utility>

#include "platform/process.hpp"

namespace picket::service {
namespace {

std::optional<std::int64_t> parse_number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

NotifyEnvironment NotifyEnvironment::read(const std::function<std::optional<std::string>(const std::string&)>& variable,
                                          std::uint32_t own_process_id) {
  constexpr std::int64_t kLongest = INT64_MAX / 1'000;  // microseconds that fit as nanoseconds
  NotifyEnvironment result;
  result.socket = variable("NOTIFY_SOCKET").value_or("");
  // sd_watchdog_enabled(3): the variables are inherited, and count only for the process that they name.
  const auto owner = variable("WATCHDOG_PID");
  const auto interval = parse_number(variable("WATCHDOG_USEC").value_or(""));
  if (owner && parse_number(*owner) != own_process_id) return result;
  if (interval && *interval <= kLongest) result.watchdog_ns = *interval * 1'000;
  return result;
}

NotifyEnvironment NotifyEnvironment::take() {
  return read(platform::take_environment, platform::process_id());
}

struct Notifier::Shared {
  Shared(std::unique_ptr<NotifySocket> s, const platform::Clock& c, OnError e)
      : socket(std::move(s)), clock(c), on_error(std::move(e)) {}

  // REQUIRES: mutex is held. A task of the lane pings and asks for the next one.
  static void ping(const std::shared_ptr<Shared>& self, std::uint64_t round) {
    self->lane->post([self, round] {
      const std::scoped_lock lock(self->mutex);
      if (self->round != round) return;
      self->send("WATCHDOG=1");
      const std::int64_t next = self->clock.monotonic_ns() + self->period_ns;
      self->call = self->lane->executor().call_at(next, [self, round] {
        const std::scoped_lock inner(self->mutex);
        if (self->round == round) ping(self, round);
      });
    });
  }

  // REQUIRES: mutex is held.
  void send(std::string_view datagram) {
    if (socket == nullptr) return;
    const Result<void> sent = socket->send(datagram);
    if (!sent && !std::exchange(failed, true) && on_error) on_error(sent.error().message);
  }

  const std::unique_ptr<NotifySocket> socket;
  const platform::Clock& clock;
  const OnError on_error;
  std::mutex mutex;
  bool failed = false;                   // guarded by mutex: reported already
  std::shared_ptr<platform::Lane> lane;  // guarded by mutex; the watchdog's
  std::int64_t period_ns = 0;            // guarded by mutex
  std::uint64_t round = 0;               // guarded by mutex; what a stopped or restarted watchdog left behind is older
  platform::CallId call = 0;             // guarded by mutex
};

Notifier::Notifier(std::unique_ptr<NotifySocket> socket, const platform::Clock& clock, OnError on_error)
    : shared_(std::make_shared<Shared>(std::move(socket), clock, std::move(on_error))) {}

std::unique_ptr<Notifier> Notifier::from_environment(const NotifyEnvironment& environment, const platform::Clock& clock,
                                                     OnError on_error) {
  std::unique_ptr<NotifySocket> socket;
  if (!environment.socket.empty()) {
    auto opened = NotifySocket::open(environment.socket);
    if (opened) {
      socket = std::move(*opened);
    } else if (on_error) {
      on_error(opened.error().message);
    }
  }
  auto notifier = std::make_unique<Notifier>(std::move(socket), clock, std::move(on_error));
  notifier->watchdog_ns_ = environment.watchdog_ns;
  return notifier;
}

Notifier::~Notifier() {
  stop_watchdog();
}

void Notifier::send(const std::string& datagram) {
  const std::scoped_lock lock(shared_->mutex);
  shared_->send(datagram);
}

void Notifier::ready() {
  send("READY=1");
}

void Notifier::reloading() {
  // CLOCK_MONOTONIC in microseconds, of the very moment: systemd compares it with its own view.
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(shared_->clock.monotonic_ns() / 1'000));
}

void Notifier::stopping() {
  send("STOPPING=1");
}

void Notifier::status(std::string_view one_line) {
  std::string line(one_line);
  std::replace(line.begin(), line.end(), '\n', ' ');  // a newline would begin another assignment
  send("STATUS=" + line);
}

void Notifier::start_watchdog(std::int64_t watchdog_ns, std::shared_ptr<platform::Lane> lane) {
  stop_watchdog();
  if (watchdog_ns <= 0) return;
  const std::scoped_lock lock(shared_->mutex);
  if (shared_->socket == nullptr) return;
  shared_->lane = std::move(lane);
  shared_->period_ns = std::max<std::int64_t>(watchdog_ns / 2, 1'000'000);
  Shared::ping(shared_, shared_->round);
}

void Notifier::stop_watchdog() {
  std::shared_ptr<platform::Lane> lane;  // let go unlocked: it may be the last reference to its executor
  const std::scoped_lock lock(shared_->mutex);
  ++shared_->round;
  lane = std::move(shared_->lane);
  if (lane != nullptr) lane->executor().cancel(std::exchange(shared_->call, 0));
}

}  // namespace picket::service

// SPDX-License-Identifier: Apache-2.0
//
// Tells the service manager how the daemon is: systemd's notify protocol (sd_notify(3)), spoken directly. Without
// NOTIFY_SOCKET, and on Windows (where the SCM shell does it), the same calls do nothing.
//
// Made by main before threads start; used by the assembly from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "picket/result.hpp"
#include "platform/executor.hpp"

namespace picket::service {

// The protocol's transport. Thread-safe.
class NotifySocket {
 public:
  virtual ~NotifySocket() = default;
  virtual Result<void> send(std::string_view datagram) = 0;

  // To the address as NOTIFY_SOCKET gives it: "/run/systemd/notify", or "@name" for Linux's abstract names. UNSUPPORTED
  // on Windows.
  static Result<std::unique_ptr<NotifySocket>> open(const std::string& address);
};

// What the environment says. Pure, so that tests need no environment.
struct NotifyEnvironment {
  std::string socket;            // NOTIFY_SOCKET; empty: nobody listens
  std::int64_t watchdog_ns = 0;  // WATCHDOG_USEC; 0: no watchdog, or not for this process (WATCHDOG_PID)

  static NotifyEnvironment read(const std::function<std::optional<std::string>(const std::string&)>& variable,
                                std::uint32_t own_process_id);
  // This process's, which is unset: a child that inherited it would speak to the manager in our name. Before the first
  // thread.
  static NotifyEnvironment take();
};

// Thread-safe. A failure to send is reported once through `on_error` and never stops the daemon.
class Notifier {
 public:
  using OnError = std::function<void(const std::string& message)>;

  // `socket` null: every call does nothing.
  Notifier(std::unique_ptr<NotifySocket> socket, const platform::Clock& clock, OnError on_error);
  // A socket that cannot be opened is reported and then left alone.
  static std::unique_ptr<Notifier> from_environment(const NotifyEnvironment& environment, const platform::Clock& clock,
                                                    OnError on_error);
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;
  ~Notifier();

  void ready();
  void reloading();  // with MONOTONIC_USEC, as `Type=notify-reload` demands; ready() follows when it is done
  void stopping();
  void status(std::string_view one_line);

  // Pings at half of `watchdog_ns`, each time from a task of `lane`: a lane that hangs stops the pings, and systemd
  // acts. 0 does nothing. The first ping is at once.
  void start_watchdog(std::int64_t watchdog_ns, std::shared_ptr<platform::Lane> lane);
  void start_watchdog(std::shared_ptr<platform::Lane> lane) { start_watchdog(watchdog_ns_, std::move(lane)); }
  void stop_watchdog();

 private:
  struct Shared;
  void send(const std::string& datagram);
  const std::shared_ptr<Shared> shared_;  // what pending pings hold on to
  std::int64_t watchdog_ns_ = 0;          // what the environment asked for
};

}  // namespace picket::service

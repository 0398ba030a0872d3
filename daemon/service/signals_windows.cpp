// SPDX-License-Identifier: Apache-2.0
#include <windows.h>

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "platform/text_windows.hpp"
#include "service/signals.hpp"

namespace picket::service {
namespace {

// What the handler, which the system calls on a thread of its own, may use: it outlives every Signals.
struct Shared {
  std::mutex mutex;
  std::condition_variable gone;
  std::shared_ptr<platform::Lane> lane;  // guarded by mutex; null: nobody listens
  Signals::Handler handler;              // guarded by mutex
  StopCounter stops;                     // guarded by mutex
};

Shared& shared() {
  static Shared* const shared = new Shared;
  return *shared;
}

BOOL WINAPI on_console_event(DWORD event) {
  Shared& state = shared();
  std::unique_lock lock(state.mutex);
  if (state.lane == nullptr) return FALSE;
  const auto request = state.stops.next();
  if (!request) std::_Exit(kForcedExitCode);
  state.lane->post([handler = state.handler, request = *request] { handler(request); });
  if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) {
    state.gone.wait(lock, [&state] { return state.lane == nullptr; });  // the system itself limits this wait
  }
  return TRUE;
}

class ConsoleSignals final : public Signals {
 public:
  ConsoleSignals() = default;
  ConsoleSignals(const ConsoleSignals&) = delete;
  ConsoleSignals& operator=(const ConsoleSignals&) = delete;
  ~ConsoleSignals() override {
    SetConsoleCtrlHandler(on_console_event, FALSE);
    Shared& state = shared();
    std::shared_ptr<platform::Lane> lane;  // let go unlocked
    const std::scoped_lock lock(state.mutex);
    lane = std::exchange(state.lane, nullptr);
    state.handler = nullptr;
    state.gone.notify_all();
  }
};

}  // namespace

Result<std::unique_ptr<Signals>> Signals::install(std::shared_ptr<platform::Lane> lane, Handler handler) {
  Shared& state = shared();
  {
    const std::scoped_lock lock(state.mutex);
    if (state.lane != nullptr) return Error{"signals are already handled in this process", PICKET_REFUSED};
    state.lane = std::move(lane);
    state.handler = std::move(handler);
    state.stops = StopCounter();
  }
  auto signals = std::make_unique<ConsoleSignals>();
  SetConsoleCtrlHandler(nullptr, FALSE);  // a parent may have switched Ctrl-C off for us
  if (!SetConsoleCtrlHandler(on_console_event, TRUE)) {
    return Error{"cannot handle console events: " + platform::last_error_text()};
  }
  return std::unique_ptr<Signals>(std::move(signals));
}

}  // namespace picket::service

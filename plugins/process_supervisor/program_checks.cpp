// SPDX-License-Identifier: Apache-2.0
//
// Readiness, liveness, watchdog and the notify protocol of one program.
#include <charconv>

#include "duration_text.hpp"
#include "fleet.hpp"
#include "line_splitter.hpp"
#include "program.hpp"

namespace picket::process_supervisor {
namespace {

constexpr std::size_t kMostStatusText = 256;

std::int64_t microseconds(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr std::int64_t kMost = 365LL * 86'400 * 1'000'000;
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return -1;
  return std::min(value, kMost) * 1'000;
}

}  // namespace

void Program::begin_readiness() {
  readiness_.reset();
  fleet_.agenda().cancel(late_);
  if (settings_.task || settings_.ready.kind == Check::Kind::none) {
    return drive(Event::ready, settings_.task ? "runs" : "runs, and has no readiness check");
  }
  readiness_ = std::make_unique<CheckLoop>(fleet_.tools(), CheckLoop::Purpose::readiness, settings_.ready, settings_,
                                           started_wall_ns_,
                                           [this](bool good, const std::string& why) { readiness_told(good, why); });
  arm_late(settings_.ready.timeout_ns);
}

void Program::arm_late(std::int64_t delay_ns) {
  fleet_.agenda().cancel(late_);
  late_at_ns_ = fleet_.agenda().now_ns() + delay_ns;
  late_ = fleet_.agenda().at(late_at_ns_, [this] {
    late_ = 0;
    if (state_ != State::starting) return;
    cause_ = Cause::not_ready;
    wish_ = {"not ready in time" + (last_problem_.empty() ? "" : ": " + last_problem_)};
    drive(Event::late, wish_.reason);
  });
}

void Program::readiness_told(bool good, const std::string& why) {
  last_problem_ = good ? "" : why;
  if (!good || state_ != State::starting) return;
  readiness_.reset();
  fleet_.agenda().cancel(late_);
  drive(Event::ready, "its readiness check is good");
}

// At each way into `ready`; what goes on already goes on.
void Program::begin_up() {
  readiness_.reset();
  fleet_.agenda().cancel(late_);
  fleet_.agenda().cancel(stable_);
  if (up_ns_ == 0) {
    up_ns_ = fleet_.agenda().now_ns();
    fleet_.processes().set_blob(id_, blob(true));
  }
  stable_ = fleet_.agenda().after(settings_.backoff.reset_after_ns, [this] {
    stable_ = 0;
    drive(Event::stable, "up for " + duration_text(settings_.backoff.reset_after_ns));
  });
  if (settings_.healthy.kind != Check::Kind::none && !liveness_) {
    bad_ = good_ = 0;
    liveness_ = std::make_unique<CheckLoop>(fleet_.tools(), CheckLoop::Purpose::liveness, settings_.healthy, settings_,
                                            started_wall_ns_,
                                            [this](bool good, const std::string& why) { liveness_told(good, why); });
  }
  if (watchdog_ == 0) {
    if (watchdog_ns_ == 0) watchdog_ns_ = settings_.launch.watchdog_ns;
    await_watchdog();
  }
}

void Program::end_checks() {
  readiness_.reset();
  liveness_.reset();
  for (Appointment* const one : {&late_, &stable_, &watchdog_}) fleet_.agenda().cancel(*one);
  watchdog_ns_ = 0;
}

void Program::liveness_told(bool good, const std::string& why) {
  if (!is_up(state_)) return;
  last_problem_ = good ? "" : why;
  if (good) {
    bad_ = 0;
    if (state_ == State::degraded && ++good_ >= settings_.healthy.successes) {
      drive(Event::sound, "its liveness check is good again");
    }
    return;
  }
  good_ = 0;
  ++bad_;
  if (settings_.healthy.restart && bad_ >= settings_.healthy.failures) {
    cause_ = Cause::unhealthy;
    wish_ = {std::to_string(bad_) + " liveness checks in a row failed: " + why};
    return drive(Event::sick, wish_.reason);
  }
  drive(Event::weak, "its liveness check failed: " + why);
}

void Program::await_watchdog() {
  fleet_.agenda().cancel(watchdog_);
  if (watchdog_ns_ <= 0) return;
  watchdog_ = fleet_.agenda().after(watchdog_ns_, [this] {
    watchdog_ = 0;
    if (!is_up(state_)) return;
    cause_ = Cause::watchdog;
    wish_ = {"no watchdog ping for " + duration_text(watchdog_ns_)};
    drive(Event::sick, wish_.reason);
  });
}

void Program::on_line(bool of_now, std::int64_t time_ns, bool error, std::string_view text) {
  last_lines_.add(time_ns, error, text);
  if (!of_now) return;
  if (readiness_ && state_ == State::starting) readiness_->line(text);
  if (liveness_) liveness_->line(text);
}

void Program::on_notified(std::string_view message) {
  if (!settings_.launch.notify) return;
  std::int64_t main_pid = 0;
  each_notify_assignment(message, [&](std::string_view key, std::string_view value) {
    if (key == "STATUS") {
      status_text_ = repaired_utf8(value.substr(0, detail::whole_utf8(value, kMostStatusText)));
    } else if (key == "READY" && value == "1") {
      if (state_ == State::starting && settings_.ready.kind == Check::Kind::notify) {
        readiness_told(true, "");
      }
    } else if (key == "WATCHDOG" && value == "1") {
      if (is_up(state_)) await_watchdog();
    } else if (key == "WATCHDOG" && value == "trigger") {
      if (!is_up(state_)) return;
      cause_ = Cause::watchdog;
      wish_ = {"it asked for its watchdog"};
      drive(Event::sick, wish_.reason);
    } else if (key == "WATCHDOG_USEC") {
      const std::int64_t period = microseconds(value);
      if (settings_.launch.watchdog_ns <= 0 || period <= 0) return;
      watchdog_ns_ = period;
      if (is_up(state_)) await_watchdog();
    } else if (key == "EXTEND_TIMEOUT_USEC") {
      const std::int64_t more = microseconds(value);
      if (more < 0) return;
      const std::int64_t until = fleet_.agenda().now_ns() + more;
      if (state_ == State::starting && late_ != 0 && until > late_at_ns_) arm_late(more);
      if (state_ == State::stopping && drain_limit_ == 0 && !wish_.now) {
        fleet_.processes().end(id_, 0, std::chrono::nanoseconds(std::max<std::int64_t>(more, 1'000'000)),
                               settings_.stop_tree);
      }
    } else if (key == "MAINPID") {
      std::from_chars(value.data(), value.data() + value.size(), main_pid);
    }
  });
  if (main_pid > 0 && main_pid != leader_.pid) {
    fleet_.processes().set_main(id_, main_pid);
    leader_.pid = main_pid;
  }
}

}  // namespace picket::process_supervisor

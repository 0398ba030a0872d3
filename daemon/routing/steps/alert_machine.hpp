// SPDX-License-Identifier: Apache-2.0
//
// Whether one group is in alarm: the state machine behind `threshold` and `forecast`, without events or texts. All
// times are monotonic nanoseconds: when things came to be known here, so that no step of a wall clock fires a timer.
// Used by alerts.hpp, on the route's lane.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "routing/expression/value.hpp"

namespace picket::routing {

struct AlertRules {
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  std::int64_t wait = 0;          // how long the condition has to hold before it is raised (`for`)
  std::int64_t clear_wait = 0;    // how long the contrary has to hold before it is cleared (`clear_for`)
  std::int64_t still = 0;         // time between reminders; 0: none
  std::int64_t absent = 0;        // silence that raises; 0: none does
  std::int64_t forget = kNever;   // silence after which a group is forgotten
  std::uint32_t flap_raises = 0;  // so many raises ...
  std::int64_t flap_within = 0;   // ... within this time are flapping; 0 raises: nothing is
};

// What an event says about its group.
enum class AlertInput : std::uint8_t { raise, between, clear, unknown };

// `raise` and `clear` are the values of the two conditions; `raise` wins.
inline AlertInput alert_input(Truth raise, Truth clear) {
  if (raise == Truth::yes) return AlertInput::raise;
  if (clear == Truth::yes) return AlertInput::clear;
  return raise == Truth::no ? AlertInput::between : AlertInput::unknown;
}

enum class AlertState : std::uint8_t {
  ok,
  pending,   // the condition holds, not yet long enough
  raised,    // in alarm
  clearing,  // in alarm, the contrary holds, not yet long enough
  silent,    // in alarm because nothing came
  forgotten  // to be removed; nothing runs any more
};

// What is to be told.
enum class AlertNews : std::uint8_t { nothing, raised, still, cleared };

enum class AlertReason : std::uint8_t {
  condition,
  absent,     // nothing came for `absent`
  forgotten,  // nothing came for `forget`
  stopped     // the route ended
};

class AlertMachine {
 public:
  // An event of the group came. Timers that were due before are not looked at: call time() first.
  AlertNews see(const AlertRules& rules, std::int64_t now, AlertInput input);

  // When time() has to be called; AlertRules::kNever: not at all.
  std::int64_t due(const AlertRules& rules) const { return next(rules).at; }
  // Does the one thing that has been due longest by `now`. Call until due() is later.
  AlertNews time(const AlertRules& rules, std::int64_t now);

  // The end of the route.
  AlertNews stop();

  AlertState state() const { return state_; }
  bool in_alarm() const { return state_ >= AlertState::raised && state_ <= AlertState::silent; }
  AlertReason reason() const { return reason_; }
  bool flapping() const { return flapping_; }
  std::int64_t last_seen() const { return last_seen_; }
  // Nothing is lost by removing the group.
  bool idle(const AlertRules& rules) const;

 private:
  friend struct AlertTable;

  struct Timer {
    enum class Does : std::uint8_t { nothing, raise, clear, forget, miss, remind, settle };
    std::int64_t at;
    Does does;
  };
  Timer next(const AlertRules& rules) const;

  AlertNews nothing(const AlertRules& rules, std::int64_t now);
  AlertNews hold(const AlertRules& rules, std::int64_t now);
  AlertNews begin(const AlertRules& rules, std::int64_t now);
  AlertNews drop(const AlertRules& rules, std::int64_t now);
  AlertNews ease(const AlertRules& rules, std::int64_t now);
  AlertNews calm(const AlertRules& rules, std::int64_t now);
  AlertNews worsen(const AlertRules& rules, std::int64_t now);
  AlertNews back(const AlertRules& rules, std::int64_t now);

  AlertNews raise(const AlertRules& rules, std::int64_t now, AlertState state, AlertReason reason);
  void calm_down(const AlertRules& rules, std::int64_t now);
  std::int64_t clear_wait(const AlertRules& rules) const;

  AlertState state_ = AlertState::ok;
  AlertReason reason_ = AlertReason::condition;
  bool flapping_ = false;
  std::int64_t since_ = 0;            // pending, clearing: since when
  std::int64_t remind_ = 0;           // in alarm: when the next reminder is due
  std::int64_t last_seen_ = 0;        // when the last event came, or the group was made
  std::vector<std::int64_t> raises_;  // when it was raised, at most flap_raises times, oldest first
};

}  // namespace picket::routing

// SPDX-License-Identifier: Apache-2.0
//
// The life of a program as one table: state x event -> action and next state. Pure; whoever drives it (program.cpp)
// turns what happened into an event and carries out the action. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace picket::process_supervisor {

enum class State : std::uint8_t {
  stopped,   // is not to run, and nothing of it runs
  starting,  // its process was asked for, or lives and is not ready yet
  ready,     // does its work, for less than `reset_after`: its back-off stands
  running,   // does its work, for so long that its back-off has begun anew
  degraded,  // lives, but its liveness check fails
  stopping,  // on its way down; left only when its tree is provably empty
  backoff,   // is to run, and waits: for its delay, for what it requires, or for the limiter of all programs
  failed,    // ended badly, and is not started again by itself
  exited,    // ended well, and is not started again by itself
};
inline constexpr std::size_t kStates = 9;

enum class Event : std::uint8_t {
  start,         // it is to run
  stop,          // it is not to run
  restart,       // it is to end and run again
  clear,         // nothing holds back its start any more
  found,         // it runs already: an earlier daemon started it
  ready,         // it is ready for work
  late,          // it was not ready in time
  stable,        // up for `reset_after`
  weak,          // its liveness check fails
  sound,         // its liveness check is good again
  sick,          // its liveness check failed so often that it is to be restarted
  ended,         // its main process has ended, others of its tree live
  overdue,       // it was to be down by now
  gone_stopped,  // its tree is empty, as was wanted
  gone_again,    // its tree is empty, and it is to run again
  gone_done,     // its tree is empty; it ended well, for good
  gone_failed,   // its tree is empty; it ended badly, for good
};
inline constexpr std::size_t kEvents = 17;

enum class Action : std::uint8_t {
  nothing,  // only the state changes
  ignore,   // not even that
  arm,      // wait for its delay, its dependencies and the limiter
  hasten,   // wait no longer for its delay
  disarm,   // do not wait any more
  spawn,    // start its process
  adopt,    // take over the process that runs
  stop,     // begin the stop sequence
  finish,   // its main process is gone: end what is left of its tree
  report,   // time is up and the mechanism kills: say whom
  recall,   // once it is down, start it again
  settle,   // once it is down, leave it so
};

struct Cell {
  Action action;
  State next;
};

// What `event` means in `state`. Every pair has a meaning; `ignore` keeps the state.
const Cell& transition(State state, Event event);

// The word of the settings, the events and the verb.
std::string_view name_of(State state);
std::string_view name_of(Event event);

// Whether others may rely on it.
constexpr bool is_up(State state) {
  return state == State::ready || state == State::running || state == State::degraded;
}
// Whether nothing of it lives.
constexpr bool is_down(State state) {
  return state == State::stopped || state == State::backoff || state == State::failed || state == State::exited;
}
// Whether it stays so until somebody asks for something else.
constexpr bool is_settled(State state) {
  return state == State::stopped || state == State::failed || state == State::exited;
}

}  // namespace picket::process_supervisor

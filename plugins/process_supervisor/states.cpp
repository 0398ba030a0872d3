// SPDX-License-Identifier: Apache-2.0
#include "states.hpp"

#include <array>

namespace picket::process_supervisor {
namespace {

constexpr std::array<std::string_view, kStates> kStateNames = {"stopped",  "starting", "ready",  "running", "degraded",
                                                               "stopping", "backoff",  "failed", "exited"};
constexpr std::array<std::string_view, kEvents> kEventNames = {
    "start", "stop", "restart", "clear",   "found",        "ready",      "late",      "stable",     "weak",
    "sound", "sick", "ended",   "overdue", "gone_stopped", "gone_again", "gone_done", "gone_failed"};

struct Rule {
  State state;
  Event event;
  Action action;
  State next;
};

using Table = std::array<std::array<Cell, kEvents>, kStates>;

constexpr Table make_table() {
  using enum State;
  // The table. A pair that is not in it is ignored: what comes too late, such as the answer of a check that was under
  // way when its program ended. A restart of what does not run starts it; in `stopping` whoever spoke last has his way.
  const std::array kRules = {
      Rule{stopped, Event::start, Action::arm, backoff},
      Rule{stopped, Event::restart, Action::arm, backoff},
      Rule{stopped, Event::found, Action::adopt, starting},

      Rule{backoff, Event::start, Action::hasten, backoff},
      Rule{backoff, Event::restart, Action::hasten, backoff},
      Rule{backoff, Event::stop, Action::disarm, stopped},
      Rule{backoff, Event::clear, Action::spawn, starting},
      Rule{backoff, Event::found, Action::adopt, starting},

      Rule{starting, Event::ready, Action::nothing, ready},
      Rule{starting, Event::late, Action::stop, stopping},
      Rule{starting, Event::sick, Action::stop, stopping},
      Rule{starting, Event::stop, Action::stop, stopping},
      Rule{starting, Event::restart, Action::stop, stopping},
      Rule{starting, Event::ended, Action::finish, stopping},
      Rule{starting, Event::gone_stopped, Action::nothing, stopped},
      Rule{starting, Event::gone_again, Action::arm, backoff},
      Rule{starting, Event::gone_done, Action::nothing, exited},
      Rule{starting, Event::gone_failed, Action::nothing, failed},

      Rule{ready, Event::stable, Action::nothing, running},
      Rule{ready, Event::weak, Action::nothing, degraded},
      Rule{ready, Event::sick, Action::stop, stopping},
      Rule{ready, Event::stop, Action::stop, stopping},
      Rule{ready, Event::restart, Action::stop, stopping},
      Rule{ready, Event::ended, Action::finish, stopping},
      Rule{ready, Event::gone_stopped, Action::nothing, stopped},
      Rule{ready, Event::gone_again, Action::arm, backoff},
      Rule{ready, Event::gone_done, Action::nothing, exited},
      Rule{ready, Event::gone_failed, Action::nothing, failed},

      Rule{running, Event::weak, Action::nothing, degraded},
      Rule{running, Event::sick, Action::stop, stopping},
      Rule{running, Event::stop, Action::stop, stopping},
      Rule{running, Event::restart, Action::stop, stopping},
      Rule{running, Event::ended, Action::finish, stopping},
      Rule{running, Event::gone_stopped, Action::nothing, stopped},
      Rule{running, Event::gone_again, Action::arm, backoff},
      Rule{running, Event::gone_done, Action::nothing, exited},
      Rule{running, Event::gone_failed, Action::nothing, failed},

      Rule{degraded, Event::sound, Action::nothing, ready},
      Rule{degraded, Event::sick, Action::stop, stopping},
      Rule{degraded, Event::stop, Action::stop, stopping},
      Rule{degraded, Event::restart, Action::stop, stopping},
      Rule{degraded, Event::ended, Action::finish, stopping},
      Rule{degraded, Event::gone_stopped, Action::nothing, stopped},
      Rule{degraded, Event::gone_again, Action::arm, backoff},
      Rule{degraded, Event::gone_done, Action::nothing, exited},
      Rule{degraded, Event::gone_failed, Action::nothing, failed},

      Rule{stopping, Event::start, Action::recall, stopping},
      Rule{stopping, Event::restart, Action::recall, stopping},
      Rule{stopping, Event::stop, Action::settle, stopping},
      Rule{stopping, Event::overdue, Action::report, stopping},
      Rule{stopping, Event::gone_stopped, Action::nothing, stopped},
      Rule{stopping, Event::gone_again, Action::arm, backoff},
      Rule{stopping, Event::gone_done, Action::nothing, exited},
      Rule{stopping, Event::gone_failed, Action::nothing, failed},

      Rule{failed, Event::start, Action::arm, backoff},
      Rule{failed, Event::restart, Action::arm, backoff},
      Rule{failed, Event::stop, Action::nothing, stopped},
      Rule{failed, Event::found, Action::adopt, starting},

      Rule{exited, Event::start, Action::arm, backoff},
      Rule{exited, Event::restart, Action::arm, backoff},
      Rule{exited, Event::stop, Action::nothing, stopped},
      Rule{exited, Event::found, Action::adopt, starting},
  };

  Table table{};
  for (std::size_t state = 0; state < kStates; ++state) {
    for (Cell& cell : table[state]) cell = {Action::ignore, static_cast<State>(state)};
  }
  for (const Rule& rule : kRules) {
    table[static_cast<std::size_t>(rule.state)][static_cast<std::size_t>(rule.event)] = {rule.action, rule.next};
  }
  return table;
}

constexpr Table kTable = make_table();

}  // namespace

const Cell& transition(State state, Event event) {
  return kTable[static_cast<std::size_t>(state)][static_cast<std::size_t>(event)];
}

std::string_view name_of(State state) {
  return kStateNames[static_cast<std::size_t>(state)];
}
std::string_view name_of(Event event) {
  return kEventNames[static_cast<std::size_t>(event)];
}

}  // namespace picket::process_supervisor

// SPDX-License-Identifier: Apache-2.0
//
// The table, cell by cell, against a second writing of it that reads the other way round.
#include "states.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>

namespace picket::process_supervisor {
namespace {

// By event: STATE>NEXT:ACTION for all that is not ignored, with the initials below.
const std::map<Event, std::string> kExpected = {
    {Event::start,
     "stopped>backoff:arm failed>backoff:arm exited>backoff:arm backoff>backoff:hasten "
     "stopping>stopping:recall"},
    {Event::stop,
     "starting>stopping:stop ready>stopping:stop running>stopping:stop degraded>stopping:stop "
     "stopping>stopping:settle backoff>stopped:disarm failed>stopped:nothing exited>stopped:nothing"},
    {Event::restart,
     "stopped>backoff:arm failed>backoff:arm exited>backoff:arm backoff>backoff:hasten "
     "starting>stopping:stop ready>stopping:stop running>stopping:stop degraded>stopping:stop "
     "stopping>stopping:recall"},
    {Event::clear, "backoff>starting:spawn"},
    {Event::found, "stopped>starting:adopt backoff>starting:adopt failed>starting:adopt exited>starting:adopt"},
    {Event::ready, "starting>ready:nothing"},
    {Event::late, "starting>stopping:stop"},
    {Event::stable, "ready>running:nothing"},
    {Event::weak, "ready>degraded:nothing running>degraded:nothing"},
    {Event::sound, "degraded>ready:nothing"},
    {Event::sick, "starting>stopping:stop ready>stopping:stop running>stopping:stop degraded>stopping:stop"},
    {Event::ended, "starting>stopping:finish ready>stopping:finish running>stopping:finish degraded>stopping:finish"},
    {Event::overdue, "stopping>stopping:report"},
    {Event::gone_stopped,
     "starting>stopped:nothing ready>stopped:nothing running>stopped:nothing "
     "degraded>stopped:nothing stopping>stopped:nothing"},
    {Event::gone_again,
     "starting>backoff:arm ready>backoff:arm running>backoff:arm degraded>backoff:arm "
     "stopping>backoff:arm"},
    {Event::gone_done,
     "starting>exited:nothing ready>exited:nothing running>exited:nothing degraded>exited:nothing "
     "stopping>exited:nothing"},
    {Event::gone_failed,
     "starting>failed:nothing ready>failed:nothing running>failed:nothing "
     "degraded>failed:nothing stopping>failed:nothing"},
};

std::string text_of(Action action) {
  static constexpr std::array<const char*, 12> kNames = {"nothing", "ignore", "arm",    "hasten", "disarm", "spawn",
                                                         "adopt",   "stop",   "finish", "report", "recall", "settle"};
  return kNames[static_cast<std::size_t>(action)];
}

TEST(States, each_cell_is_as_it_was_decided) {
  for (std::size_t e = 0; e < kEvents; ++e) {
    const auto event = static_cast<Event>(e);
    const std::string row = " " + kExpected.at(event) + " ";
    for (std::size_t s = 0; s < kStates; ++s) {
      const auto state = static_cast<State>(s);
      const Cell& cell = transition(state, event);
      const std::string from = " " + std::string(name_of(state)) + ">";
      if (row.find(from) == std::string::npos) {
        EXPECT_EQ(cell.action, Action::ignore) << name_of(state) << " x " << name_of(event);
        EXPECT_EQ(cell.next, state);
      } else {
        const std::string whole = from + std::string(name_of(cell.next)) + ":" + text_of(cell.action) + " ";
        EXPECT_NE(row.find(whole), std::string::npos) << whole << " on " << name_of(event);
      }
    }
  }
}

TEST(States, nothing_leaves_stopping_but_an_empty_tree) {
  for (std::size_t e = 0; e < kEvents; ++e) {
    const auto event = static_cast<Event>(e);
    const bool empty = name_of(event).starts_with("gone_");
    EXPECT_EQ(transition(State::stopping, event).next != State::stopping, empty) << name_of(event);
  }
}

TEST(States, a_process_is_started_in_one_cell_only) {
  int cells = 0;
  for (std::size_t s = 0; s < kStates; ++s) {
    for (std::size_t e = 0; e < kEvents; ++e) {
      cells += transition(static_cast<State>(s), static_cast<Event>(e)).action == Action::spawn ? 1 : 0;
    }
  }
  EXPECT_EQ(cells, 1);
}

}  // namespace
}  // namespace picket::process_supervisor

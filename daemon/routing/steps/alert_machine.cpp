// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/alert_machine.hpp"

#include <algorithm>
#include <array>

namespace picket::routing {

// What each input does in each state.
struct AlertTable {
  using Action = AlertNews (AlertMachine::*)(const AlertRules&, std::int64_t);
  using M = AlertMachine;
  static constexpr std::array<std::array<Action, 4>, 6> kActions = {{
      // raise      between      clear        unknown
      {&M::begin, &M::nothing, &M::nothing, &M::nothing},    // ok
      {&M::hold, &M::drop, &M::drop, &M::nothing},           // pending
      {&M::nothing, &M::nothing, &M::ease, &M::nothing},     // raised
      {&M::worsen, &M::worsen, &M::calm, &M::nothing},       // clearing
      {&M::worsen, &M::back, &M::back, &M::back},            // silent
      {&M::nothing, &M::nothing, &M::nothing, &M::nothing},  // forgotten
  }};
};

namespace {

// Time plus a duration that may be for ever.
std::int64_t later(std::int64_t time, std::int64_t duration) {
  return duration > AlertRules::kNever - time ? AlertRules::kNever : time + duration;
}

}  // namespace

AlertNews AlertMachine::see(const AlertRules& rules, std::int64_t now, AlertInput input) {
  last_seen_ = now;
  const auto& actions = AlertTable::kActions[static_cast<std::size_t>(state_)];
  return (this->*actions[static_cast<std::size_t>(input)])(rules, now);
}

AlertNews AlertMachine::nothing(const AlertRules& /*rules*/, std::int64_t /*now*/) {
  return AlertNews::nothing;
}

// ok: the condition holds.
AlertNews AlertMachine::begin(const AlertRules& rules, std::int64_t now) {
  state_ = AlertState::pending;
  since_ = now;
  return hold(rules, now);
}

// pending: the condition still holds.
AlertNews AlertMachine::hold(const AlertRules& rules, std::int64_t now) {
  if (now < later(since_, rules.wait)) return AlertNews::nothing;
  return raise(rules, now, AlertState::raised, AlertReason::condition);
}

// pending: it holds no more.
AlertNews AlertMachine::drop(const AlertRules& rules, std::int64_t now) {
  calm_down(rules, now);
  return AlertNews::nothing;
}

// raised: the contrary holds.
AlertNews AlertMachine::ease(const AlertRules& rules, std::int64_t now) {
  state_ = AlertState::clearing;
  since_ = now;
  return calm(rules, now);
}

// clearing: the contrary still holds.
AlertNews AlertMachine::calm(const AlertRules& rules, std::int64_t now) {
  if (now < later(since_, clear_wait(rules))) return AlertNews::nothing;
  calm_down(rules, now);
  reason_ = AlertReason::condition;
  return AlertNews::cleared;
}

// clearing or silent: the condition holds again.
AlertNews AlertMachine::worsen(const AlertRules& /*rules*/, std::int64_t /*now*/) {
  state_ = AlertState::raised;
  reason_ = AlertReason::condition;
  return AlertNews::nothing;
}

// silent: something came again. What comes and goes all the time has to stay for a while.
AlertNews AlertMachine::back(const AlertRules& rules, std::int64_t now) {
  if (flapping_) return ease(rules, now);
  calm_down(rules, now);
  reason_ = AlertReason::absent;
  return AlertNews::cleared;
}

AlertNews AlertMachine::raise(const AlertRules& rules, std::int64_t now, AlertState state, AlertReason reason) {
  state_ = state;
  reason_ = reason;
  remind_ = later(now, rules.still);
  if (rules.flap_raises != 0) {
    if (raises_.size() == rules.flap_raises) raises_.erase(raises_.begin());
    raises_.push_back(now);
    flapping_ = raises_.size() == rules.flap_raises && now - raises_.front() <= rules.flap_within;
  }
  return AlertNews::raised;
}

// Raises of long ago are of no more use once it is well.
void AlertMachine::calm_down(const AlertRules& rules, std::int64_t now) {
  state_ = AlertState::ok;
  if (!raises_.empty() && now >= later(raises_.back(), rules.flap_within)) raises_.clear();
}

std::int64_t AlertMachine::clear_wait(const AlertRules& rules) const {
  return flapping_ ? std::max(rules.clear_wait, rules.flap_within) : rules.clear_wait;
}

// The earliest timer; of several at one time the first in this order.
AlertMachine::Timer AlertMachine::next(const AlertRules& rules) const {
  Timer earliest{AlertRules::kNever, Timer::Does::nothing};
  if (state_ == AlertState::forgotten) return earliest;
  const auto consider = [&](bool runs, std::int64_t from, std::int64_t duration, Timer::Does does) {
    if (runs && later(from, duration) < earliest.at) earliest = {later(from, duration), does};
  };
  const bool ok = state_ == AlertState::ok;
  const bool clearing = state_ == AlertState::clearing;
  consider(state_ == AlertState::pending, since_, rules.wait, Timer::Does::raise);
  consider(clearing, since_, clear_wait(rules), Timer::Does::clear);
  consider(!ok || !raises_.empty() || rules.absent != 0, last_seen_, rules.forget, Timer::Does::forget);
  consider(rules.absent != 0 && (!in_alarm() || clearing), last_seen_, rules.absent, Timer::Does::miss);
  consider(in_alarm() && rules.still != 0, remind_, 0, Timer::Does::remind);
  consider(ok && !raises_.empty(), raises_.empty() ? 0 : raises_.back(), rules.flap_within, Timer::Does::settle);
  return earliest;
}

AlertNews AlertMachine::time(const AlertRules& rules, std::int64_t now) {
  const Timer timer = next(rules);
  if (now < timer.at) return AlertNews::nothing;
  switch (timer.does) {
    case Timer::Does::nothing:
      break;
    case Timer::Does::raise:
      return hold(rules, now);
    case Timer::Does::clear:
      return calm(rules, now);
    case Timer::Does::forget: {
      const bool alarm = in_alarm();
      state_ = AlertState::forgotten;
      reason_ = AlertReason::forgotten;
      return alarm ? AlertNews::cleared : AlertNews::nothing;
    }
    case Timer::Does::miss:
      if (!in_alarm()) return raise(rules, now, AlertState::silent, AlertReason::absent);
      state_ = AlertState::silent;
      reason_ = AlertReason::absent;
      break;
    case Timer::Does::remind:
      remind_ = later(now, rules.still);
      return AlertNews::still;
    case Timer::Does::settle:
      raises_.clear();
      break;
  }
  return AlertNews::nothing;
}

AlertNews AlertMachine::stop() {
  if (!in_alarm()) return AlertNews::nothing;
  state_ = AlertState::ok;
  reason_ = AlertReason::stopped;
  return AlertNews::cleared;
}

bool AlertMachine::idle(const AlertRules& rules) const {
  return state_ == AlertState::forgotten || (state_ == AlertState::ok && rules.absent == 0 && raises_.empty());
}

}  // namespace picket::routing

// SPDX-License-Identifier: Apache-2.0
//
// `throttle` and `dedupe` in one: for each key a window of time that begins with its first event; so many events pass
// in it, the others are counted and, when it ends, told in one event. On the route's lane.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "routing/steps/event_key.hpp"
#include "routing/steps/event_writer.hpp"
#include "routing/steps/step.hpp"

namespace picket::routing {

class KeyWindows final : public Step {
 public:
  struct Settings {
    std::uint64_t allowed = 1;  // events of one key in one window
    std::int64_t length_ns = 0;
    std::size_t max_keys = 1;  // beyond, the oldest window ends early
    bool report = true;
    const char* kind = "";   // of the events that tell
    const char* field = "";  // of the count in them
    const char* words = "";  // behind the number in their message
  };

  KeyWindows(const Settings& settings, EventKey key, const StepContext& context);

  void process(const Events& in, Output& out) override;
  std::int64_t due_ns() const override { return windows_.empty() ? kNever : windows_.front().end_ns; }
  void tick(std::int64_t monotonic_ns, Output& out) override;
  void finish(Output& out) override;
  std::uint64_t held() const override { return windows_.size(); }
  std::uint64_t over_limit() const override { return ended_early_; }

 private:
  struct Window {
    std::int64_t end_ns = 0;  // monotonic
    std::uint64_t passed = 0;
    std::uint64_t held_back = 0;
    std::int64_t last_time_ns = 0;  // of what was held back
    picket_name source = 0;
    std::uint32_t severity = 0;
    std::string written;               // the key for people; empty unless something was held back
    const std::string* key = nullptr;  // in by_key_
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const { return static_cast<std::size_t>(EventKey::hash(key)); }
  };

  Window& window_of(std::string_view key, std::int64_t now);
  void end_first();
  void end_until(std::int64_t now);
  void hold_back(Window& window, const picket_batch& batch, const picket_event& event);

  const Settings settings_;
  EventKey key_;
  const picket_name kind_, message_, count_, by_, period_;
  const platform::Clock& clock_;
  std::list<Window> windows_;  // in order of their ends
  std::unordered_map<std::string, std::list<Window>::iterator, Hash, std::equal_to<>> by_key_;
  std::uint64_t ended_early_ = 0;
  std::vector<std::uint32_t> kept_;
  EventWriter writer_;
};

}  // namespace picket::routing

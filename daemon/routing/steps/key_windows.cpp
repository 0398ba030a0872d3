// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/key_windows.hpp"

#include <algorithm>
#include <utility>

namespace picket::routing {

KeyWindows::KeyWindows(const Settings& settings, EventKey key, const StepContext& context)
    : settings_(settings),
      key_(std::move(key)),
      kind_(context.names.intern(settings.kind)),
      message_(context.names.intern("message")),
      count_(context.names.intern(settings.field)),
      by_(context.names.intern("by")),
      period_(context.names.intern("period")),
      clock_(context.clock) {}

void KeyWindows::process(const Events& in, Output& out) {
  const std::int64_t now = clock_.monotonic_ns();
  writer_.begin_batch(out);
  kept_.clear();
  end_until(now);
  for (std::uint32_t i = 0; i < in.count(); ++i) {
    const picket_event& event = in[i];
    Window& window = window_of(key_.of(in.batch(), event), now);
    if (window.passed < settings_.allowed) {
      ++window.passed;
      kept_.push_back(in.index(i));
    } else {
      hold_back(window, in.batch(), event);
    }
  }
  writer_.flush();  // of windows that ended before these events
  out.pass(in, kept_);
}

void KeyWindows::tick(std::int64_t monotonic_ns, Output& out) {
  writer_.begin_batch(out);
  end_until(monotonic_ns);
  writer_.flush();
}

void KeyWindows::finish(Output& out) {
  writer_.begin_batch(out);
  while (!windows_.empty()) end_first();
  writer_.flush();
}

KeyWindows::Window& KeyWindows::window_of(std::string_view key, std::int64_t now) {
  if (const auto found = by_key_.find(key); found != by_key_.end()) return *found->second;
  if (windows_.size() >= settings_.max_keys) {
    ++ended_early_;
    end_first();
  }
  Window& window = windows_.emplace_back();
  window.end_ns = now + settings_.length_ns;
  window.key = &by_key_.emplace(std::string(key), std::prev(windows_.end())).first->first;
  return window;
}

void KeyWindows::end_until(std::int64_t now) {
  while (!windows_.empty() && windows_.front().end_ns <= now) end_first();
}

void KeyWindows::hold_back(Window& window, const picket_batch& batch, const picket_event& event) {
  if (window.held_back++ == 0 && settings_.report) window.written = key_.written(batch, event);
  window.last_time_ns = event.time_ns;
  window.source = event.source;
  window.severity = event.severity;
}

void KeyWindows::end_first() {
  const Window& window = windows_.front();
  if (window.held_back != 0 && settings_.report) {
    picket_event& event = writer_.begin(kind_);
    event.time_ns = window.last_time_ns;
    event.source = window.source;
    event.severity = window.severity;
    const std::string of = window.written.empty() ? "" : " of " + window.written;
    writer_.set_text(message_, std::to_string(window.held_back) + settings_.words + of);
    writer_.set_integer(count_, static_cast<std::int64_t>(window.held_back));
    writer_.set_integer(period_, settings_.length_ns);
    if (!window.written.empty()) writer_.set_text(by_, window.written);
  }
  by_key_.erase(by_key_.find(*window.key));
  windows_.pop_front();
}

}  // namespace picket::routing

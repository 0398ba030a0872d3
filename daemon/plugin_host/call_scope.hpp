// SPDX-License-Identifier: Apache-2.0
//
// Around every call into a plugin: marks the thread as being inside a [control] or [deliver] call of one instance (what
// picket.thread-check/1 answers), and keeps its exceptions out of the daemon's threads.
#pragma once

#include <exception>
#include <utility>

namespace picket::plugin_host {

enum class CallKind { none, control, deliver };

class CallScope {
 public:
  CallScope(const void* instance, CallKind kind) : outer_(std::exchange(current(), {instance, kind})) {}
  ~CallScope() { current() = outer_; }
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

  static bool inside(const void* instance, CallKind kind) {
    return current().instance == instance && current().kind == kind;
  }

 private:
  struct Call {
    const void* instance = nullptr;
    CallKind kind = CallKind::none;
  };
  static Call& current() {
    thread_local Call call;  // no destructor
    return call;
  }
  Call outer_;
};

// Runs `call`; should it throw, `report` hears what, as text.
template <typename Call, typename Report>
void guarded(const Call& call, const Report& report) {
  try {
    call();
  } catch (const std::exception& exception) {
    report(exception.what());
  } catch (...) {
    report("an unknown exception");
  }
}

}  // namespace picket::plugin_host

// SPDX-License-Identifier: Apache-2.0
//
// Marks a thread as being inside a [control] or [deliver] call of one instance: what picket.thread-check/1 answers.
#pragma once

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
    thread_local Call call;
    return call;
  }
  Call outer_;
};

}  // namespace picket::plugin_host

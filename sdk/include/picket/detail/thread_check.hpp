// SPDX-License-Identifier: Apache-2.0
//
// Debug builds check the thread tags of the headers through picket.thread-check/1: a call that comes in on the wrong
// kind of thread is refused and says so. Release builds trust the daemon.
#ifndef PICKET_DETAIL_THREAD_CHECK_HPP
#define PICKET_DETAIL_THREAD_CHECK_HPP

#include <string>

#include "../ext/thread_check.h"
#include "host.hpp"

namespace picket::detail {

#ifdef NDEBUG
inline constexpr bool kCheckThreads = false;
#else
inline constexpr bool kCheckThreads = true;
#endif

// Asks for the table once; a check is then one indirect call. Silent when the host does not offer the extension.
class ThreadCheck {
 public:
  explicit ThreadCheck(Host host) noexcept
      : self_(host.self()),
        table_(copy_table(static_cast<const picket_thread_check *>(
            kCheckThreads ? host.c()->extension(host.self(), PICKET_EXT_THREAD_CHECK) : nullptr))) {}

  // Throw Failure (INVALID) when this thread is not inside such a call. `what` names the function.
  void control(const char *what) const { require(table_.in_control, what, "[control]"); }
  void deliver(const char *what) const { require(table_.in_deliver, what, "[deliver]"); }

 private:
  void require(std::uint32_t (*inside)(void *), const char *what, const char *tag) const {
    if (!kCheckThreads || inside == nullptr || inside(self_) != 0) return;
    throw Failure(std::string(what) + " was called outside of a " + tag + " call", PICKET_INVALID);
  }

  void *self_;
  picket_thread_check table_;
};

}  // namespace picket::detail

#endif

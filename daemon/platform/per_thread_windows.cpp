// SPDX-License-Identifier: Apache-2.0
//
// Fiber-local slots serve threads as well, and unlike thread-local ones they have a callback (FlsAlloc).
#include <windows.h>

#include <new>

#include "platform/per_thread.hpp"

namespace picket::platform {

static_assert(sizeof(void*) == 8, "elsewhere a callback has another calling convention than a function");

ThreadSlot::ThreadSlot(Destroy destroy) : index_(FlsAlloc(destroy)) {
  if (index_ == FLS_OUT_OF_INDEXES) throw std::bad_alloc();
}

void* ThreadSlot::get() const {
  return FlsGetValue(index_);
}

void ThreadSlot::set(void* object) const {
  if (FlsSetValue(index_, object) == 0) throw std::bad_alloc();
}

}  // namespace picket::platform

// SPDX-License-Identifier: Apache-2.0
//
// One object of a type for each thread, made at its first use and destroyed when the thread ends: memory that a hot
// path uses again and again. Stands for `thread_local T`, which mingw-w64 cannot do for a T with a destructor: the
// object's memory is gone before its destructor runs (GCC bug 80816).
#pragma once

#ifdef _WIN32
#include <memory>
#endif

namespace picket::platform {

#ifdef _WIN32

// One pointer a thread, of which the operating system hands what is not null to `destroy` when the thread ends.
class ThreadSlot {
 public:
  using Destroy = void (*)(void* object);
  // Throws std::bad_alloc when the process has no slot left (there are at least 128).
  explicit ThreadSlot(Destroy destroy);
  void* get() const;
  void set(void* object) const;

 private:
  unsigned long index_;
};

// The same object whenever the calling thread asks for this T.
template <typename T>
T& per_thread() {
  static const ThreadSlot slot([](void* object) { delete static_cast<T*>(object); });
  void* found = slot.get();
  if (found == nullptr) {
    auto made = std::make_unique<T>();
    slot.set(made.get());
    found = made.release();
  }
  return *static_cast<T*>(found);
}

#else

template <typename T>
T& per_thread() {
  thread_local T object;
  return object;
}

#endif

}  // namespace picket::platform

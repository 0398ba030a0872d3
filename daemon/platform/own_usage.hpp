// SPDX-License-Identifier: Apache-2.0
//
// What this process holds right now, for finding what a plugin does not give back. Any thread; not cheap.
#pragma once

#include <cstdint>

namespace picket::platform {

// Bytes on the heap that are allocated and not freed; 0 when the allocator does not say (those of sanitizers).
std::uint64_t heap_bytes_in_use();

// Open file descriptors or handles; 0 when the system does not say.
std::uint64_t open_handles();

// Threads; 0 when the system does not say.
std::uint64_t running_threads();

}  // namespace picket::platform

// SPDX-License-Identifier: Apache-2.0
//
// One look into a small file that does not stay open: a pid file, a process's arguments. One half per operating system.
#pragma once

#include <cstddef>
#include <string>

namespace picket::perf_collector {

// Opens, reads and closes `path` (UTF-8); at most `size` bytes go to `buffer`. Returns how many, or -1 if it cannot be
// opened or read. Allocates nothing. Any thread.
std::ptrdiff_t read_once(const char* path, char* buffer, std::size_t size);

// Why the last read_once() of this thread was -1, in words. Right after it only.
std::string last_read_error();

}  // namespace picket::perf_collector

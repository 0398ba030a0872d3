// SPDX-License-Identifier: Apache-2.0
//
// Replaces a small file so that a reader, or a restart after a power cut, finds the old content or the new, whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "picket/result.hpp"

namespace picket::platform {

// Durable when it returns ok: written aside in the same directory, synced, renamed over `path`, the directory synced.
// New files are readable by their owner alone (Windows: what the directory passes on). On an error `path` is as it
// was, unless the error says that only the directory could not be synced.
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view content);

// The whole of a file, at most `limit` bytes; PICKET_NOT_FOUND if there is none, PICKET_LIMIT if it is longer.
Result<std::string> read_whole_file(const std::filesystem::path& path, std::uint64_t limit);

}  // namespace picket::platform

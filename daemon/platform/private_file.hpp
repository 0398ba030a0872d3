// SPDX-License-Identifier: Apache-2.0
//
// Who else could change a file. A daemon that runs as root or SYSTEM and loads a plugin, or a configuration that names
// commands, from a file that an ordinary user can write has given that user the machine.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace picket::platform {

// Why somebody other than an administrator (or, for an ordinary user, other than that user) could change what `path`
// names: the file, or a directory on the way to it, along symbolic links too. Nothing when nobody could. What cannot
// be found out counts as writable. The text names the place and what to do about it.
std::optional<std::string> writable_by_others(const std::filesystem::path& path);

}  // namespace picket::platform

// SPDX-License-Identifier: Apache-2.0
//
// Reads a secret only if nobody else can. Called by resolve_secrets() while a configuration loads; any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "picket/result.hpp"

namespace picket::config {

// The content of a regular file of at most `limit` bytes. The check and the reading use one open file, so the file
// cannot be exchanged in between. Linux: refused when the group (unless `group_may_read`) or others may read or write
// it. Windows: refused when its access list lets Everyone, Users, Authenticated Users or Guests read it.
// PICKET_NOT_FOUND when there is no such file; messages do not name the path.
Result<std::string> read_private_file(const std::filesystem::path& path, std::size_t limit, bool group_may_read);

}  // namespace picket::config

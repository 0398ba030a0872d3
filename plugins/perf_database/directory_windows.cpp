// SPDX-License-Identifier: Apache-2.0
//
// NTFS keeps the order of changes of names in its log, and there is no call that waits for them.
#include "directory.hpp"

namespace picket::perf_database {

std::error_code sync_entries(const std::filesystem::path& /*directory*/) {
  return {};
}

}  // namespace picket::perf_database

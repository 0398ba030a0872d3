// SPDX-License-Identifier: Apache-2.0
//
// CRC-32C (Castagnoli, RFC 3720) of a stored batch: SQLite checks its log, but not what has lain in the file for days.
// Any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace picket::routing::spool {

// crc32c("123456789") is 0xE3069283.
std::uint32_t crc32c(std::string_view bytes);

}  // namespace picket::routing::spool

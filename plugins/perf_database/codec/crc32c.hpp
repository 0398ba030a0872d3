// SPDX-License-Identifier: Apache-2.0
//
// CRC-32C (Castagnoli polynomial, reflected 0x82F63B78, as in RFC 3720 appendix B.4), which ends every stored block.
// Any thread.
#pragma once

#include "bytes.hpp"

namespace picket::perf_database {

std::uint32_t crc32c(ByteView bytes);
// The same on a processor without the instruction for it.
std::uint32_t crc32c_by_tables(ByteView bytes);

// Appends the checksum of all that `out` holds.
void seal_with_crc(Bytes& out);

// The block without its checksum, or an empty view when the checksum is wrong or missing. A sealed block is never
// empty, so empty always means damage.
ByteView check_crc(ByteView block);

}  // namespace picket::perf_database

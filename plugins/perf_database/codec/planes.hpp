// SPDX-License-Identifier: Apache-2.0
//
// Byte planes: the first bytes of all words, then the second ones, and so on. Neighbouring doubles agree in some of
// their bytes, and a general compressor sees that only when those lie side by side.
#pragma once

#include <span>

#include "bytes.hpp"

namespace picket::perf_database {

// Replaces `out`, lowest bytes first.
void split_planes(std::span<const std::uint64_t> words, Bytes& out);

// REQUIRES: planes.size() == 8 * words.size()
void join_planes(ByteView planes, std::span<std::uint64_t> words);

}  // namespace picket::perf_database

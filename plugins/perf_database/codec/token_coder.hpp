// SPDX-License-Identifier: Apache-2.0
//
// Unsigned numbers of any size, entropy-coded: each becomes a token (small numbers themselves, larger ones by their
// magnitude and upper bits) and raw lower bits. Tokens are coded by range variants of asymmetric numeral systems (rANS;
// J. Duda, arXiv:1311.2540), with one table for each class of the token before: numbers after a burst differ from those
// in a lull. FORMAT.md describes the bytes. Used by packed_integers, on any thread.
#pragma once

#include <span>

#include "bytes.hpp"

namespace picket::perf_database {

// Appends. REQUIRES: !values.empty()
void encode_tokens(std::span<const std::uint64_t> values, Bytes& out);

// Fills `values` from all of `in`; false when it is damaged.
bool decode_tokens(ByteView in, std::span<std::uint64_t> values);

// About how many bits encode_tokens would take, at a tenth of its time: what to choose a transformation by.
double token_bits(std::span<const std::uint64_t> values);

}  // namespace picket::perf_database

// SPDX-License-Identifier: Apache-2.0
//
// Short names for texts: the same text has the same one on every machine and in every run. They tell configurations
// apart for people and monitors; they keep nobody from making two texts with the same name. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace picket::config {

// FNV-1a of 64 bits (Fowler, Noll, Vo). `seed`: the fingerprint of what stands before, to go on from.
std::uint64_t fingerprint(std::string_view text, std::uint64_t seed = 14'695'981'039'346'656'037ULL);

// The fingerprint folded to 48 bits, so that it is exact as a metric (a double) too.
std::uint64_t short_fingerprint(std::string_view text);

// The same as twelve hexadecimal digits.
std::string short_hash(std::string_view text);

}  // namespace picket::config

// SPDX-License-Identifier: Apache-2.0
//
// Base64 (RFC 4648, section 4) with padding: how bytes travel in JSON. Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace picket::routing {

// Appends the encoded bytes to `out`.
void append_base64(std::string_view bytes, std::string& out);

// The bytes, or nothing when `text` is not canonical: another alphabet, a wrong length, bits that must be zero.
std::optional<std::string> parse_base64(std::string_view text);

}  // namespace picket::routing

// SPDX-License-Identifier: Apache-2.0
//
// What simdjson does not say: whether a text is a number that only its own grammar holds, and where a text goes wrong.
// Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace picket::pipe_server {

// Whether `token` is a number by the grammar of RFC 8259, section 6.
bool is_json_number(std::string_view token);
// The first byte that is not UTF-8. REQUIRES: there is one, so simdjson says.
std::size_t find_invalid_utf8(std::string_view text);
// The first control character inside of a string. REQUIRES: there is one, so simdjson says.
std::size_t find_control_character(std::string_view text);

}  // namespace picket::pipe_server

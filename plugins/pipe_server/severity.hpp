// SPDX-License-Identifier: Apache-2.0
//
// Severities by name. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace picket::pipe_server {

inline constexpr std::array<std::string_view, 10> kSeverityNames = {
    "none", "trace", "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"};

// One of the names above, or what others write for it; any case.
std::optional<std::uint32_t> parse_severity(std::string_view text);
// Of syslog's numbers, 0 (emergency) to 7 (debug).
constexpr std::uint32_t severity_of_syslog(unsigned number) {
  constexpr std::array<std::uint32_t, 8> kOfNumber = {9, 8, 7, 6, 5, 4, 3, 2};
  return kOfNumber[number & 7U];
}

}  // namespace picket::pipe_server

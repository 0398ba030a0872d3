// SPDX-License-Identifier: Apache-2.0
#include "severity.hpp"

namespace picket::pipe_server {
namespace {

struct OtherName {
  std::string_view name;
  std::uint32_t severity;
};
constexpr std::array<OtherName, 8> kOtherNames = {{{"warn", 5},
                                                   {"err", 6},
                                                   {"crit", 7},
                                                   {"fatal", 7},
                                                   {"emerg", 9},
                                                   {"panic", 9},
                                                   {"information", 3},
                                                   {"verbose", 1}}};

bool is_same_word(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

}  // namespace

std::optional<std::uint32_t> parse_severity(std::string_view text) {
  for (std::uint32_t i = 0; i < kSeverityNames.size(); ++i) {
    if (is_same_word(text, kSeverityNames[i])) return i;
  }
  for (const OtherName& other : kOtherNames) {
    if (is_same_word(text, other.name)) return other.severity;
  }
  return std::nullopt;
}

}  // namespace picket::pipe_server

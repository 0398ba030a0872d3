// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/parse/severity_map.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "picket/batch.h"

namespace picket::routing::parse {
namespace {

using Named = std::pair<std::string_view, std::uint32_t>;

constexpr std::array<Named, 9> kNames = {{{"trace", PICKET_SEVERITY_TRACE},
                                          {"debug", PICKET_SEVERITY_DEBUG},
                                          {"info", PICKET_SEVERITY_INFO},
                                          {"notice", PICKET_SEVERITY_NOTICE},
                                          {"warning", PICKET_SEVERITY_WARNING},
                                          {"error", PICKET_SEVERITY_ERROR},
                                          {"critical", PICKET_SEVERITY_CRITICAL},
                                          {"alert", PICKET_SEVERITY_ALERT},
                                          {"emergency", PICKET_SEVERITY_EMERGENCY}}};

// As syslog, Java, Go and Python say it.
constexpr std::array<Named, 17> kAliases = {{{"finest", PICKET_SEVERITY_TRACE},
                                             {"verbose", PICKET_SEVERITY_DEBUG},
                                             {"fine", PICKET_SEVERITY_DEBUG},
                                             {"dbg", PICKET_SEVERITY_DEBUG},
                                             {"information", PICKET_SEVERITY_INFO},
                                             {"informational", PICKET_SEVERITY_INFO},
                                             {"inf", PICKET_SEVERITY_INFO},
                                             {"warn", PICKET_SEVERITY_WARNING},
                                             {"wrn", PICKET_SEVERITY_WARNING},
                                             {"err", PICKET_SEVERITY_ERROR},
                                             {"severe", PICKET_SEVERITY_ERROR},
                                             {"crit", PICKET_SEVERITY_CRITICAL},
                                             {"fatal", PICKET_SEVERITY_CRITICAL},
                                             {"dpanic", PICKET_SEVERITY_CRITICAL},
                                             {"panic", PICKET_SEVERITY_EMERGENCY},
                                             {"emerg", PICKET_SEVERITY_EMERGENCY},
                                             {"ftl", PICKET_SEVERITY_CRITICAL}}};

constexpr std::size_t kLongest = 64;  // bytes of a text that may mean a severity

char lower_letter(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::optional<std::uint32_t> severity_named(std::string_view name) {
  for (const auto& [known, severity] : kNames) {
    if (known == name) return severity;
  }
  return std::nullopt;
}

SeverityMap::SeverityMap(const std::map<std::string, std::string>& added) {
  for (const auto& [name, severity] : kNames) known_.emplace(name, severity);
  for (const auto& [name, severity] : kAliases) known_.emplace(name, severity);
  for (const auto& [text, name] : added) {
    std::string key = text;
    std::transform(key.begin(), key.end(), key.begin(), lower_letter);
    known_[key] = *severity_named(name);
  }
}

std::optional<std::uint32_t> SeverityMap::find(const Value& value) const {
  std::array<char, kLongest> room;
  std::size_t size = 0;
  if (value.is_text() && value.as_text().size() <= room.size()) {
    const std::string_view text = value.as_text();
    std::transform(text.begin(), text.end(), room.begin(), lower_letter);
    size = text.size();
  } else if (value.type() == ValueType::integer) {
    size = static_cast<std::size_t>(std::to_chars(room.data(), room.data() + room.size(), value.as_integer()).ptr -
                                    room.data());
  } else {
    return std::nullopt;
  }
  const auto found = known_.find(std::string_view(room.data(), size));
  return found == known_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace picket::routing::parse

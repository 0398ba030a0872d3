// SPDX-License-Identifier: Apache-2.0
//
// What texts and numbers mean as severities: the names that programs commonly write, and those of the settings. Any
// thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "routing/expression/value.hpp"

namespace picket::routing::parse {

// PICKET_SEVERITY_... of one of the nine names of ours ("warning"); nothing for others.
std::optional<std::uint32_t> severity_named(std::string_view name);

class SeverityMap {
 public:
  // `added`: text to the name of a severity; goes before the common ones. Case does not count.
  // REQUIRES: severity_named() knows each name
  explicit SeverityMap(const std::map<std::string, std::string>& added);

  // Of a text, or of an integer as it is written. Nothing when it is not known.
  std::optional<std::uint32_t> find(const Value& value) const;

 private:
  std::map<std::string, std::uint32_t, std::less<>> known_;  // by lower case
};

}  // namespace picket::routing::parse

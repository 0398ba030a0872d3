// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "routing/steps/parse/format.hpp"

namespace picket::routing::parse {
namespace {

constexpr std::array<const FormatType*, 5> kFormats = {&kJson, &kKeyValue, &kLogfmt, &kRegex, &kSyslog};

}  // namespace

std::span<const FormatType* const> format_types() {
  return kFormats;
}

const FormatType& format_type(std::string_view name) {
  return **std::find_if(kFormats.begin(), kFormats.end(), [&](const FormatType* type) { return type->name == name; });
}

}  // namespace picket::routing::parse

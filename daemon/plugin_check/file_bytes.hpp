// SPDX-License-Identifier: Apache-2.0
//
// Numbers and texts at offsets of a file that nobody has checked. Little-endian, as the machines that we run on are.
// Internal to this folder; pure functions, any thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "plugin_check/exports.hpp"

namespace picket::plugin_check {

// Nothing when it would lie outside of the file.
template <typename T>
std::optional<T> number_at(std::string_view file, std::uint64_t offset) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (offset > file.size() || file.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, file.data() + offset, sizeof value);
  return value;
}

// The part [offset, offset + size); nothing when it would lie outside of the file.
inline std::optional<std::string_view> part_of(std::string_view file, std::uint64_t offset, std::uint64_t size) {
  if (offset > file.size() || size > file.size() - offset) return std::nullopt;
  return file.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
}

// A zero-terminated text; nothing when it does not end in time.
inline std::optional<std::string> text_at(std::string_view file, std::uint64_t offset) {
  if (offset >= file.size()) return std::nullopt;
  const std::string_view rest = file.substr(static_cast<std::size_t>(offset), kMaxSymbolLength + 1);
  const std::size_t end = rest.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(rest.substr(0, end));
}

}  // namespace picket::plugin_check

// SPDX-License-Identifier: Apache-2.0
//
// The text functions. Positions and lengths are in characters (code points). Results that are part of an argument are
// views into it; all others lie in the thread's scratch space and are null over kMaxTextResult.
#include <algorithm>
#include <charconv>

#include "routing/expression/functions.hpp"
#include "routing/expression/scratch.hpp"
#include "routing/utf8.hpp"

namespace picket::routing::expression::text_functions {
namespace {

// The longest output of a double's shortest form is 24 bytes, of an integer 20.
constexpr std::size_t kNumberLength = 32;

template <typename Map>
Value map_bytes(std::string_view text, Map map) {
  char* const start = Scratch::of_this_thread().allocate(text.size());
  if (start == nullptr) return {};
  std::transform(text.begin(), text.end(), start, map);
  return Value::text({start, text.size()});
}

bool is_space(char byte) {
  return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

// `value` as text; a number is written into `room`.
std::string_view written(const Value& value, std::array<char, kNumberLength>& room) {
  if (value.type() == ValueType::boolean) return value.as_boolean() ? "true" : "false";
  if (value.is_text()) return value.as_text();
  char* const end = room.data() + room.size();
  const auto result = value.type() == ValueType::integer ? std::to_chars(room.data(), end, value.as_integer())
                                                         : std::to_chars(room.data(), end, value.as_real());
  return {room.data(), static_cast<std::size_t>(result.ptr - room.data())};
}

}  // namespace

Value lower(std::span<const Value> arguments) {
  return map_bytes(arguments[0].as_text(),
                   [](char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : byte; });
}

Value upper(std::span<const Value> arguments) {
  return map_bytes(arguments[0].as_text(),
                   [](char byte) { return byte >= 'a' && byte <= 'z' ? static_cast<char>(byte - ('a' - 'A')) : byte; });
}

Value length(std::span<const Value> arguments) {
  const std::string_view text = arguments[0].as_text();
  return Value::integer(static_cast<std::int64_t>(arguments[0].is_text() ? count_characters(text) : text.size()));
}

Value contains(std::span<const Value> arguments) {
  return Value::boolean(arguments[0].as_text().find(arguments[1].as_text()) != std::string_view::npos);
}

Value starts_with(std::span<const Value> arguments) {
  return Value::boolean(arguments[0].as_text().starts_with(arguments[1].as_text()));
}

Value ends_with(std::span<const Value> arguments) {
  return Value::boolean(arguments[0].as_text().ends_with(arguments[1].as_text()));
}

Value substring(std::span<const Value> arguments) {
  const std::string_view text = arguments[0].as_text();
  std::int64_t skip = arguments[1].as_integer();
  if (skip < 0) return {};
  std::size_t start = 0;
  for (; skip > 0 && start < text.size(); --skip) start = next_character(text, start);
  if (arguments.size() < 3) return Value::text(text.substr(start));
  std::int64_t take = arguments[2].as_integer();
  if (take < 0) return {};
  std::size_t end = start;
  for (; take > 0 && end < text.size(); --take) end = next_character(text, end);
  return Value::text(text.substr(start, end - start));
}

Value trim(std::span<const Value> arguments) {
  std::string_view text = arguments[0].as_text();
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return Value::text(text);
}

Value replace(std::span<const Value> arguments) {
  const std::string_view text = arguments[0].as_text();
  const std::string_view from = arguments[1].as_text();
  const std::string_view to = arguments[2].as_text();
  if (from.empty()) return {};
  std::size_t count = 0;
  for (std::size_t at = text.find(from); at != std::string_view::npos; at = text.find(from, at + from.size())) ++count;
  if (count == 0) return arguments[0];
  // Bounds of both factors keep the sizes far from overflow: each is a length in memory.
  const std::size_t kept = text.size() - count * from.size();
  if (kept > kMaxTextResult || (!to.empty() && count > (kMaxTextResult - kept) / to.size())) return {};
  const std::size_t size = kept + count * to.size();
  char* const start = Scratch::of_this_thread().allocate(size);
  if (start == nullptr) return {};
  char* out = start;
  std::size_t at = 0;
  for (std::size_t next = text.find(from); next != std::string_view::npos; next = text.find(from, at)) {
    out = std::copy(text.begin() + static_cast<std::ptrdiff_t>(at), text.begin() + static_cast<std::ptrdiff_t>(next),
                    out);
    out = std::copy(to.begin(), to.end(), out);
    at = next + from.size();
  }
  std::copy(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), out);
  return Value::text({start, size});
}

Value concat(std::span<const Value> arguments) {
  std::array<std::string_view, kMaxArguments> pieces;
  std::array<std::array<char, kNumberLength>, kMaxArguments> room;
  for (std::size_t index = 0; index < arguments.size(); ++index) {
    pieces[index] = written(arguments[index], room[index]);
  }
  return join_text(std::span(pieces).first(arguments.size()));
}

Value text(std::span<const Value> arguments) {
  if (arguments[0].is_text()) return arguments[0];
  std::array<char, kNumberLength> room;
  const std::string_view piece = written(arguments[0], room);
  return join_text(std::span(&piece, 1));
}

}  // namespace picket::routing::expression::text_functions

// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/event_key.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace picket::routing {
namespace {

constexpr std::size_t kMaxWritten = 1'024;  // bytes

template <typename Number>
void append_key_bytes(std::string& key, Number number) {
  std::array<char, sizeof number> bytes;
  std::memcpy(bytes.data(), &number, sizeof number);
  key.append(bytes.data(), bytes.size());
}

void append_key_value(std::string& key, const Value& value) {
  key += static_cast<char>(value.type());
  switch (value.type()) {
    case ValueType::null:
      return;
    case ValueType::boolean:
      key += value.as_boolean() ? '1' : '0';
      return;
    case ValueType::integer:
      return append_key_bytes(key, value.as_integer());
    case ValueType::real:
      return append_key_bytes(key, value.as_real());
    case ValueType::text:
    case ValueType::bytes: {
      const std::string_view text = value.as_text();
      append_key_bytes(key, static_cast<std::uint32_t>(text.size()));
      key += text.substr(0, EventKey::kMaxText);
      if (text.size() > EventKey::kMaxText) append_key_bytes(key, EventKey::hash(text));
      return;
    }
  }
}

template <typename Number>
void append_written_number(std::string& out, Number number) {
  std::array<char, 32> room;
  const auto end = std::to_chars(room.data(), room.data() + room.size(), number);
  out.append(room.data(), end.ptr);
}

void append_written(std::string& out, const Value& value) {
  switch (value.type()) {
    case ValueType::null:
      out += "null";
      return;
    case ValueType::boolean:
      out += value.as_boolean() ? "true" : "false";
      return;
    case ValueType::integer:
      return append_written_number(out, value.as_integer());
    case ValueType::real:
      return append_written_number(out, value.as_real());
    case ValueType::text: {
      std::string_view text = value.as_text();
      std::size_t end = std::min(text.size(), EventKey::kMaxText);
      while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
      out += text.substr(0, end);
      return;
    }
    case ValueType::bytes:
      out += "(bytes)";
      return;
  }
}

}  // namespace

EventKey::EventKey(const nlohmann::json& expressions, Names& names) {
  for (const auto& text : expressions) {
    auto compiled = Expression::compile(text.get_ref<const std::string&>(), names);
    if (!compiled) throw std::runtime_error(compiled.error().message);
    expressions_.push_back(std::move(compiled).value());
  }
}

std::string_view EventKey::of(const picket_batch& batch, const picket_event& event) {
  key_.clear();
  for (const Expression& expression : expressions_) append_key_value(key_, expression.evaluate(batch, event));
  return key_;
}

std::string_view EventKey::written(const picket_batch& batch, const picket_event& event) {
  written_.clear();
  for (const Expression& expression : expressions_) {
    if (written_.size() >= kMaxWritten) break;
    if (!written_.empty()) written_ += ", ";
    append_written(written_, expression.evaluate(batch, event));
  }
  return written_;
}

// FNV-1a, 64 bits, its bits then spread by the finaliser of splitmix64, since FNV's high bits depend little on the last
// bytes.
std::uint64_t EventKey::hash(std::string_view key) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : key) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3U;
  }
  hash ^= hash >> 30U;
  hash *= 0xbf58476d1ce4e5b9U;
  hash ^= hash >> 27U;
  hash *= 0x94d049bb133111ebU;
  return hash ^ (hash >> 31U);
}

void check_expression(const std::string& text, const std::string& pointer, Names& names,
                      std::vector<StepProblem>& problems) {
  const auto compiled = Expression::compile(text, names);
  if (!compiled) problems.push_back({pointer, compiled.error().offset, compiled.error().message});
}

void check_expressions(const nlohmann::json& list, const std::string& pointer, Names& names,
                       std::vector<StepProblem>& problems) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    check_expression(list[i].get<std::string>(), pointer + "/" + std::to_string(i), names, problems);
  }
}

}  // namespace picket::routing

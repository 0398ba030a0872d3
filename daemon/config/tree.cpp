// SPDX-License-Identifier: Apache-2.0
#include "config/tree.hpp"

#include <algorithm>

namespace picket::config {

const Entry* Node::find_entry(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

const Node* Node::find(std::string_view key) const {
  const Entry* entry = find_entry(key);
  return entry == nullptr ? nullptr : &entry->value;
}

Node* Node::find(std::string_view key) {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

namespace {

// Past `!tag` and `&anchor` in front of a scalar.
std::size_t skip_properties(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == '!' || text[at] == '&')) {
    at = std::min(text.find_first_of(" \t\r\n", at), text.size());
    at = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
  }
  return at;
}

// How many bytes of the file, and of the value, the next piece of a quoted scalar takes.
struct ScalarStep {
  std::size_t file = 1;
  std::size_t value = 1;
};

std::size_t utf8_size(std::string_view hex) {
  std::size_t code = 0;
  for (const char c : hex) {
    code = code * 16 + static_cast<std::size_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

// YAML 1.2, 5.7: escapes of double-quoted scalars.
ScalarStep escape(std::string_view rest) {
  if (rest.size() < 2) return {};
  const std::size_t digits = rest[1] == 'x' ? 2 : rest[1] == 'u' ? 4 : rest[1] == 'U' ? 8 : 0;
  if (digits > 0) return {2 + digits, utf8_size(rest.substr(2, digits))};
  if (rest[1] == 'N' || rest[1] == '_') return {2, 2};  // U+0085, U+00A0
  if (rest[1] == 'L' || rest[1] == 'P') return {2, 3};  // U+2028, U+2029
  return {2, 1};
}

ScalarStep next_step(std::string_view rest, Node::Style style) {
  if (style == Node::Style::double_quoted && rest[0] == '\\') return escape(rest);
  if (style == Node::Style::single_quoted && rest.starts_with("''")) return {2, 1};
  return {};
}

}  // namespace

Place place_in_scalar(const Node& node, std::size_t offset) {
  if (node.where.source == nullptr || node.substituted || node.style == Node::Style::block) return node.where;
  const std::string_view text = node.where.source->text();
  std::size_t at = skip_properties(text, node.where.offset);
  if (node.style != Node::Style::plain) ++at;  // the quote
  for (std::size_t value = 0; value < offset;) {
    if (at >= text.size() || text[at] == '\n') return node.where;
    const ScalarStep step = next_step(text.substr(at), node.style);
    at += step.file;
    value += step.value;
  }
  return {node.where.source, std::min(at, text.size())};
}

bool quote_is_closed(const Node& node) {
  const std::string_view text = node.where.source->text();
  std::size_t at = skip_properties(text, node.where.offset);
  const char quote = node.style == Node::Style::single_quoted ? '\'' : '"';
  for (++at; at < text.size();) {
    const ScalarStep step = next_step(text.substr(at), node.style);
    if (step.file == 1 && text[at] == quote) return true;
    at += step.file;
  }
  return false;
}

}  // namespace picket::config

// SPDX-License-Identifier: Apache-2.0
#include "config/diagnostics.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

namespace picket::config {
namespace {

bool starts_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

// Byte of the character that stands in a column.
std::size_t byte_of_column(const std::string& line, int column) {
  std::size_t byte = 0;
  for (int at = 1; at < column && byte < line.size(); ++at) {
    do {
      ++byte;
    } while (byte < line.size() && !starts_character(line[byte]));
  }
  return byte;
}

// The line and a caret below the column. Tabs are kept in front of the caret, so it lands in any terminal. A very long
// line is cut to what is near the caret.
std::string excerpt(const Diagnostic& item) {
  std::size_t caret = byte_of_column(item.line, item.where.column);
  std::string line = item.line;
  if (line.size() > Diagnostics::kMaxLine) {
    std::size_t from = caret > Diagnostics::kMaxLine / 2 ? caret - Diagnostics::kMaxLine / 2 : 0;
    while (from > 0 && !starts_character(line[from])) --from;
    std::size_t to = std::min(line.size(), from + Diagnostics::kMaxLine);
    while (to < line.size() && !starts_character(line[to])) ++to;
    line = line.substr(from, to - from);
    caret -= from;
  }
  std::string text = "  " + line + "\n  ";
  for (std::size_t i = 0; i < caret; ++i) {
    if (line[i] == '\t') {
      text += '\t';
    } else if (starts_character(line[i])) {
      text += ' ';
    }
  }
  return text + "^\n";
}

}  // namespace

void Diagnostics::add(Diagnostic item) {
  ++(item.severity == Severity::error ? errors_ : warnings_);
  if (full()) return;
  if (std::find(files_.begin(), files_.end(), item.where.file) == files_.end()) files_.push_back(item.where.file);
  const auto key = [&](const Diagnostic& d) {
    return std::tuple(std::find(files_.begin(), files_.end(), d.where.file), d.where.line, d.where.column);
  };
  const auto at = std::upper_bound(items_.begin(), items_.end(), item,
                                   [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
  items_.insert(at, std::move(item));
}

std::string Diagnostics::render() const {
  std::string text;
  for (const Diagnostic& item : items_) {
    if (!item.where.file.empty()) {
      text += item.where.file + ":";
      if (item.where.line > 0) {
        text += std::to_string(item.where.line) + ":" + std::to_string(item.where.column) + ":";
      }
      text += " ";
    }
    if (item.severity == Severity::warning) text += "warning: ";
    text += item.message + "\n";
    if (!item.line.empty()) text += excerpt(item);
  }
  const std::size_t more = errors_ + warnings_ - items_.size();
  if (more > 0) text += "and " + std::to_string(more) + " more\n";
  return text;
}

std::string Diagnostics::json() const {
  nlohmann::json array = nlohmann::json::array();
  for (const Diagnostic& item : items_) {
    array.push_back({{"severity", item.severity == Severity::error ? "error" : "warning"},
                     {"file", item.where.file},
                     {"line", item.where.line},
                     {"column", item.where.column},
                     {"message", item.message}});
  }
  return array.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace picket::config

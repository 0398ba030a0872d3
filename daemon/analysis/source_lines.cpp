// SPDX-License-Identifier: Apache-2.0
#include "analysis/source_lines.hpp"

#include <algorithm>
#include <memory>

#include "config/diagnostics.hpp"
#include "config/source.hpp"

namespace picket::analysis {
namespace {

bool begins_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

}  // namespace

std::string SourceLines::line(const config::Location& where) {
  if (where.file.empty() || where.line <= 0) return {};
  auto found = files_.find(where.file);
  if (found == files_.end()) {
    config::Diagnostics ignored;
    const auto source = config::read_source(config::path_from_utf8(where.file), ignored);
    found = files_.emplace(where.file, source ? source->text() : std::string()).first;
  }
  return std::string(config::Source(where.file, found->second).line(where.line));
}

std::size_t SourceLines::find_text(const std::string& line, int column, std::string_view text) {
  std::size_t at = 0;
  for (int passed = 1; passed < column && at < line.size(); ++passed) {
    do {
      ++at;
    } while (at < line.size() && !begins_character(line[at]));
  }
  if (at < line.size() && (line[at] == '"' || line[at] == '\'') && line.compare(at + 1, text.size(), text) == 0) ++at;
  return !text.empty() && line.compare(at, text.size(), text) == 0 ? at : std::string::npos;
}

bool SourceLines::says(const config::Location& where, std::string_view text) {
  return find_text(line(where), where.column, text) != std::string::npos;
}

config::Location SourceLines::place_in(const config::Location& where, std::string_view text, std::size_t offset) {
  const std::string shown = line(where);
  const std::size_t begin = find_text(shown, where.column, text);
  if (begin == std::string::npos) return where;
  config::Location place = where;
  place.column =
      1 + static_cast<int>(characters_in(std::string_view(shown).substr(0, begin + std::min(offset, text.size()))));
  return place;
}

}  // namespace picket::analysis

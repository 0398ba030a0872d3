// SPDX-License-Identifier: Apache-2.0
#include "commands/table.hpp"

#include <algorithm>

#include "service/printable.hpp"

namespace picket::commands {
namespace {

constexpr std::size_t kGap = 2;  // columns between two columns

void print_cell(std::string& line, const std::string& text, std::size_t columns, Align align, bool last) {
  const std::string shown = cut_text(text, columns);
  const std::string padding(columns - text_width(shown), ' ');
  if (align == Align::right) {
    line += padding + shown;
  } else {
    line += last ? shown : shown + padding;  // no blanks at the end of a line
  }
}

}  // namespace

std::size_t text_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string cut_text(const std::string& text, std::size_t columns) {
  if (text_width(text) <= columns) return text;
  std::size_t bytes = 0;
  for (std::size_t seen = 0; bytes < text.size(); ++bytes) {
    const bool starts = (static_cast<unsigned char>(text[bytes]) & 0xC0U) != 0x80U;
    if (starts && seen++ == columns - 1) break;
  }
  return text.substr(0, bytes) + "\u2026";
}

void Table::add(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = service::printable(cell);
  rows_.push_back(std::move(cells));
}

void Table::add_heading(const std::string& text) {
  headings_.emplace_back(rows_.size(), service::printable(text));
}

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t widest = text_width(columns_[i].title);
    for (const auto& row : rows_) widest = std::max(widest, text_width(row[i]));
    widths.push_back(widest);
  }
  return widths;
}

std::size_t Table::width() const {
  std::size_t total = columns_.empty() ? 0 : kGap * (columns_.size() - 1);
  for (const std::size_t width : widths()) total += width;
  return total;
}

void Table::print(std::ostream& out, const platform::Terminal& terminal) const {
  std::vector<std::size_t> widths = this->widths();
  std::size_t total = width();
  const auto limit = static_cast<std::size_t>(std::max(terminal.columns, 0));
  while (limit != 0 && total > limit) {
    std::size_t widest = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].align != Align::left || widths[i] <= kNarrowest) continue;
      if (widest == columns_.size() || widths[i] > widths[widest]) widest = i;
    }
    if (widest == columns_.size()) break;  // nothing left to cut: the terminal wraps
    --widths[widest];
    --total;
  }
  const auto print_row = [&](const auto& cell_of) {
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (i != 0) line.append(kGap, ' ');
      print_cell(line, cell_of(i), widths[i], columns_[i].align, i + 1 == columns_.size());
    }
    return line;
  };
  const std::string titles = print_row([&](std::size_t i) { return columns_[i].title; });
  out << (terminal.colour ? "\x1b[1m" + titles + "\x1b[0m" : titles) << '\n';
  auto heading = headings_.begin();
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    for (; heading != headings_.end() && heading->first == row; ++heading) {
      out << (limit == 0 ? heading->second : cut_text(heading->second, limit)) << '\n';
    }
    out << print_row([&](std::size_t i) { return rows_[row][i]; }) << '\n';
  }
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i != 0) line += ',';
    if (cells[i].find_first_of(",\"\r\n") == std::string::npos) {
      line += cells[i];
      continue;
    }
    line += '"';
    for (const char c : cells[i]) {
      if (c == '"') line += '"';
      line += c;
    }
    line += '"';
  }
  return line + '\n';
}

}  // namespace picket::commands

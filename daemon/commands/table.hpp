// SPDX-License-Identifier: Apache-2.0
//
// Tables for a terminal or a pipe: columns as wide as their content, numbers to the right. Used by every verb that
// prints more than a line. Single thread.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/terminal.hpp"

namespace picket::commands {

enum class Align { left, right };

class Table {
 public:
  struct Column {
    std::string title;  // shown in capitals as given
    Align align = Align::left;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // REQUIRES: as many cells as columns. Control characters are made visible, so a cell is one line.
  void add(std::vector<std::string> cells);

  // A line of its own above the rows that follow, across all columns.
  void add_heading(const std::string& text);

  bool empty() const { return rows_.empty(); }

  // Of the longest line, in characters, when nothing is cut.
  std::size_t width() const;

  // On a terminal the titles are bold (if it has colour), and when the rows are too wide the widest left-aligned column
  // is cut with an ellipsis, down to kNarrowest; in a pipe nothing is ever cut.
  void print(std::ostream& out, const platform::Terminal& terminal) const;

  static constexpr std::size_t kNarrowest = 12;

 private:
  std::vector<std::size_t> widths() const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::pair<std::size_t, std::string>> headings_;  // and how many rows stand above
};

// In characters, which is not quite what a terminal shows for East Asian text, but right for names and numbers.
std::size_t text_width(std::string_view text);

// At most so many characters; where some are left out, the last is an ellipsis. REQUIRES: columns > 0
std::string cut_text(const std::string& text, std::size_t columns);

// One record of CSV after RFC 4180, but ended with \n alone: quoted where a cell holds a comma, a quote or a line
// break.
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace picket::commands

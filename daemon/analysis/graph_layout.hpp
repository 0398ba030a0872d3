// SPDX-License-Identifier: Apache-2.0
//
// Where boxes and lines go: boxes in columns, so that lines lead from left to right, with few crossings and short
// lines (after Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures", 1981).
// Pure and deterministic; any thread.
#pragma once

#include <cstddef>
#include <vector>

namespace picket::analysis {

struct LayoutBox {
  double width = 0;
  double height = 0;
};

struct LayoutLine {
  std::size_t from = 0;
  std::size_t to = 0;
  double label_width = 0;  // what has to fit beside the line
};

struct LayoutOptions {
  double column_gap = 44;  // at least, between the widest boxes of two columns
  double row_gap = 18;     // between boxes of one column
};

struct Point {
  double x = 0;
  double y = 0;
};

struct Layout {
  struct Placed {
    double x = 0;  // of the upper left corner
    double y = 0;
    double width = 0;
    double height = 0;
    std::size_t column = 0;
  };
  double width = 0;
  double height = 0;
  std::vector<Placed> boxes;              // as given
  std::vector<std::vector<Point>> lines;  // as given, from `from` to `to`; two points or more
};

// Every line is from one of `boxes` to another one.
Layout lay_out(const std::vector<LayoutBox>& boxes, const std::vector<LayoutLine>& lines,
               const LayoutOptions& options = {});

}  // namespace picket::analysis

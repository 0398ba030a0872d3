// SPDX-License-Identifier: Apache-2.0
//
// `picket plot`: the history as charts, in the terminal or as SVG. Asks what `picket query --points` asks.
#pragma once

#include <ostream>
#include <string>

#include "commands/answer.hpp"
#include "commands/plot_canvas.hpp"
#include "commands/plot_model.hpp"

namespace picket::commands {

struct PlotOptions {
  Question question;        // its `points` and `wanted_points` are plot's own to set
  bool svg_format = false;  // SVG on standard output
  std::string svg_file;     // SVG into this file; empty: none
  std::string style;        // braille, block or ascii; empty: what the terminal can show
  bool band = true;         // between minimum and maximum, where a chart has one line
  int width = 0;            // columns of the terminal, or pixels of SVG; 0: the terminal's, else 80; 960 pixels
  int height = 0;           // lines, of all charts together; 0: the terminal's, else 24. Of SVG: pixels of each chart
};

// Returns an exit code: kExitNotWell when there is nothing to draw.
int plot(const PlotOptions& options, History& history, const Surroundings& surroundings);

// --- plot_text.cpp -------------------------------------------------------------------------------------------------
struct TextLayout {
  std::size_t columns = 80;
  std::size_t lines = 24;
  CanvasStyle style = CanvasStyle::braille;
  bool colour = false;
  bool unicode = true;
};

// Charts with different units stand below each other, or beside where that leaves each 76 columns. No chart is lower
// than 4 lines, so that many make more lines than `lines`.
void print_plot(const PlotModel& model, const TextLayout& layout, std::ostream& out);

// How many points a line can show.
std::size_t points_across(const TextLayout& layout);

// --- plot_svg.cpp --------------------------------------------------------------------------------------------------
struct SvgLayout {
  int width = 960;   // pixels
  int height = 260;  // of the drawing of each panel
};

// One document that needs nothing else: a title and a description for those who cannot see it, colours for light and
// dark surroundings, and lines that differ by dashes as well where colours run out.
std::string svg_of(const PlotModel& model, const SvgLayout& layout);

}  // namespace picket::commands

// SPDX-License-Identifier: Apache-2.0
//
// What a chart shows, before it is known how it is drawn: an answer cut into panels, one for each unit, or for
// each name where a unit has too many series. Made by plot(), drawn by plot_text and plot_svg. Single thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "commands/answer.hpp"

namespace picket::commands {

inline constexpr std::size_t kMostLines = 8;  // in one panel; colours and people run out

struct PlotPoint {
  std::int64_t time_ns = 0;  // the middle of its bucket
  double value = 0, low = 0, high = 0;
  bool breaks = false;  // the line does not come from the point before
};

struct PlotLine {
  std::string label;
  std::vector<PlotPoint> points;
  std::vector<std::string> stats;  // last, min, mean, max, as people read them
  std::size_t colour = 0;          // below kMostLines; an earlier line has its later one's
  bool earlier = false;            // of the time that it is compared with
};

struct Panel {
  std::string title;
  std::string unit;
  std::vector<PlotLine> lines;  // earlier ones first, so that the others are drawn over them
  std::size_t left_out = 0;     // series beyond kMostLines
  double low = 0, high = 0;     // of all values, with the band's where it is shown

  // The band between minimum and maximum is drawn where it can be told from other lines.
  bool has_band = false;
};

struct PlotModel {
  TimeRange range;
  const platform::TimeZone* zone = nullptr;
  std::string caption;  // the range, the step, what is compared
  std::vector<Panel> panels;
};

inline constexpr const char* kPlotStats[] = {"LAST", "MIN", "MEAN", "MAX"};

// Infinite values and those that are no number break lines. Panels without a value to draw are left out.
PlotModel make_plot_model(const Answer& answer, bool band);

}  // namespace picket::commands

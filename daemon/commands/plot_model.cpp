// SPDX-License-Identifier: Apache-2.0
#include "commands/plot_model.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "commands/human_units.hpp"
#include "commands/row_names.hpp"
#include "commands/time_text.hpp"

namespace picket::commands {
namespace {

std::vector<PlotPoint> points_of_part(const Part& part, const Answer& answer) {
  std::vector<PlotPoint> points;
  bool broken = true;
  for (const Value& value : part.values) {
    if (!std::isfinite(value.mean)) {
      broken = true;
      continue;
    }
    const std::int64_t half = answer.grid.step_ns() == 0 ? 0 : (answer.grid.end_of(value.time_ns) - value.time_ns) / 2;
    PlotPoint point{value.time_ns + half, value.mean, value.minimum, value.maximum, broken || value.after_gap};
    if (!std::isfinite(point.low)) point.low = point.value;
    if (!std::isfinite(point.high)) point.high = point.value;
    points.push_back(point);
    broken = false;
  }
  return points;
}

PlotLine line_of(const Row& row, const Part& part, const Answer& answer) {
  PlotLine line;
  line.points = points_of_part(part, answer);
  if (part.summary.empty()) return line;
  const Summary& summary = part.summary;
  for (const double value : {summary.last(), summary.minimum(), summary.mean(), summary.maximum()}) {
    line.stats.push_back(human_value(value, row.unit));
  }
  return line;
}

// The names that rows of one unit have; a chart of very many is called by its unit.
std::string names_of(const std::vector<const Row*>& rows) {
  constexpr std::size_t kMostNames = 3;
  std::set<std::string> names;
  for (const Row* row : rows) names.insert(row->series.name);
  std::string text;
  std::size_t shown = 0;
  for (const std::string& name : names) {
    if (++shown > kMostNames) return text + " and " + std::to_string(names.size() - kMostNames) + " more";
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

Panel make_panel(std::vector<const Row*> rows, const Answer& answer, bool band) {
  Panel panel;
  panel.unit = rows.front()->unit;
  if (rows.size() > kMostLines) {
    panel.left_out = rows.size() - kMostLines;
    rows.resize(kMostLines);
  }
  const RowNames names(rows);
  panel.title = names.common.empty() && rows.size() > 1 ? names_of(rows) : names.common;
  if (rows.size() == 1) panel.title = names.labels.front();
  std::vector<PlotLine> lines;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    PlotLine now = line_of(*rows[i], rows[i]->now, answer);
    now.label = rows.size() == 1 ? (answer.comparison ? "now" : "") : names.labels[i];
    now.colour = i;
    if (rows[i]->then) {
      PlotLine then = line_of(*rows[i], *rows[i]->then, answer);
      then.label = rows.size() == 1 ? answer.comparison->name() : now.label + " (" + answer.comparison->name() + ")";
      then.colour = i;
      then.earlier = true;
      if (!then.points.empty()) panel.lines.push_back(std::move(then));
    }
    if (!now.points.empty()) lines.push_back(std::move(now));
  }
  if (band && lines.size() == 1 && panel.lines.empty()) {
    const auto& points = lines.front().points;
    panel.has_band =
        std::any_of(points.begin(), points.end(), [](const auto& point) { return point.low < point.high; });
    if (panel.has_band) lines.front().label = "mean";
  }
  for (PlotLine& line : lines) panel.lines.push_back(std::move(line));
  panel.low = INFINITY;
  panel.high = -INFINITY;
  for (const PlotLine& line : panel.lines) {
    for (const PlotPoint& point : line.points) {
      panel.low = std::min(panel.low, panel.has_band ? point.low : point.value);
      panel.high = std::max(panel.high, panel.has_band ? point.high : point.value);
    }
  }
  return panel;
}

using Rows = std::vector<const Row*>;

template <typename Key>
std::vector<Rows> grouped(const Rows& rows, Key key_of) {
  std::vector<Rows> groups;  // in the order of their first rows
  for (const Row* row : rows) {
    const auto same = [&](const Rows& group) { return key_of(*group.front()) == key_of(*row); };
    auto at = std::find_if(groups.begin(), groups.end(), same);
    if (at == groups.end()) at = groups.insert(at, Rows{});
    at->push_back(row);
  }
  return groups;
}

// One for each unit; where that makes too many lines, one for each name.
std::vector<Rows> panels_of(const Answer& answer) {
  std::vector<Rows> panels;
  for (const Rows& unit : grouped(pointers_to(answer.rows), [](const Row& row) { return row.unit; })) {
    if (unit.size() <= kMostLines) {
      panels.push_back(unit);
      continue;
    }
    for (Rows& name : grouped(unit, [](const Row& row) { return row.series.name; })) panels.push_back(std::move(name));
  }
  return panels;
}

}  // namespace

PlotModel make_plot_model(const Answer& answer, bool band) {
  PlotModel model;
  model.range = answer.range;
  model.zone = answer.zone;
  const TimeText time(answer.range, answer.grid, *answer.zone);
  model.caption = time.range(answer.range);
  if (answer.grid.step_ns() != 0) model.caption += ", means of " + step_text(answer.grid.step_ns());
  if (answer.comparison) model.caption += ", compared with " + answer.comparison->name();
  for (std::vector<const Row*>& rows : panels_of(answer)) {
    Panel panel = make_panel(std::move(rows), answer, band);
    if (!panel.lines.empty()) model.panels.push_back(std::move(panel));
  }
  const auto has_band = [](const Panel& panel) { return panel.has_band; };
  if (std::any_of(model.panels.begin(), model.panels.end(), has_band)) model.caption += ", shaded from min to max";
  return model;
}

}  // namespace picket::commands

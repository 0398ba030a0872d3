// SPDX-License-Identifier: Apache-2.0
//
// Charts in a terminal. Each panel becomes lines of text whose width is known, so that panels can stand beside each
// other.
#include <algorithm>
#include <array>
#include <cmath>

#include "commands/plot.hpp"
#include "commands/plot_axis.hpp"
#include "commands/table.hpp"
#include "service/printable.hpp"

namespace picket::commands {
namespace {

constexpr std::size_t kLeastColumns = 30;
constexpr std::size_t kLeastRows = 4;
constexpr std::size_t kMostRows = 20;       // of a drawing: more is no clearer
constexpr std::size_t kBesideColumns = 76;  // that a panel wants before another stands beside it
constexpr std::size_t kBetween = 3;

// SGR parameters: cyan, yellow, magenta, green, bright blue, red, bright yellow, white. Readable on light and dark.
constexpr std::array<const char*, kMostLines> kColours = {"36", "33", "35", "32", "94", "31", "93", "37"};

// A line of text with escape sequences, which take no room.
class StyledLine {
 public:
  explicit StyledLine(bool colour) : colour_(colour) {}

  void add(const std::string& text, const std::string& sgr = "") {
    if (text.empty()) return;
    if (colour_ && sgr != current_) {
      if (!current_.empty()) text_ += "\x1b[0m";
      if (!sgr.empty()) text_ += "\x1b[" + sgr + "m";
      current_ = sgr;
    }
    text_ += text;
    width_ += text_width(text);
  }
  void pad_to(std::size_t width) {
    if (width > width_) add(std::string(width - width_, ' '));
  }
  std::size_t width() const { return width_; }
  std::string finish() {
    if (colour_ && !current_.empty()) text_ += "\x1b[0m";
    current_.clear();
    return text_;
  }

 private:
  bool colour_;
  std::string text_, current_;
  std::size_t width_ = 0;
};

std::string padded_left(const std::string& text, std::size_t width) {
  const std::size_t own = text_width(text);
  return own >= width ? text : std::string(width - own, ' ') + text;
}

std::string sgr_of(Layer layer, std::size_t line) {
  switch (layer) {
    case Layer::none:
      return "";
    case Layer::band:
    case Layer::earlier:
      return std::string("2;") + kColours[line % kColours.size()];
    case Layer::line:
      break;
  }
  return kColours[line % kColours.size()];
}

class PanelText {
 public:
  PanelText(const Panel& panel, const PlotModel& model, const TextLayout& layout, std::size_t columns, std::size_t rows)
      : panel_(panel),
        model_(model),
        layout_(layout),
        columns_(columns),
        rows_(rows),
        axis_(make_value_axis(panel.low, panel.high, panel.unit, std::max<std::size_t>(rows / 3 + 1, 3))) {
    for (const ValueTick& tick : axis_.ticks) label_width_ = std::max(label_width_, text_width(tick.label));
  }

  std::vector<StyledLine> lines() {
    title();
    drawing();
    time_axis();
    legend();
    return std::move(lines_);
  }

 private:
  StyledLine& line() { return lines_.emplace_back(layout_.colour); }

  void title() {
    if (!panel_.title.empty()) line().add(cut(panel_.title, columns_), "1");
  }

  // As cut_text, but with an ellipsis that the terminal can show.
  std::string cut(const std::string& text, std::size_t columns) const {
    const std::string shown = service::printable(text);
    if (layout_.unicode || text_width(shown) <= columns) return cut_text(shown, columns);
    std::string shorter = cut_text(shown, columns);
    shorter.replace(shorter.size() - 3, 3, "~");  // the ellipsis is three bytes
    return shorter;
  }

  std::size_t plot_columns() const { return columns_ - label_width_ - 2; }

  void drawing() {
    Canvas canvas(layout_.style, plot_columns(), rows_);
    if (panel_.has_band) band(canvas, panel_.lines.back());
    for (const PlotLine& each : panel_.lines) curve(canvas, each);
    for (std::size_t row = 0; row < rows_; ++row) {
      const ValueTick* const tick = tick_in(row);
      StyledLine& text = line();
      text.add(padded_left(tick == nullptr ? "" : tick->label, label_width_) + " ");
      text.add(layout_.unicode ? (tick == nullptr ? "\u2502" : "\u2524") : (tick == nullptr ? "|" : "+"), "2");
      std::size_t last = plot_columns();
      while (last > 0 && canvas.cell(last - 1, row).layer == Layer::none) --last;
      for (std::size_t column = 0; column < last; ++column) {
        const Canvas::Cell cell = canvas.cell(column, row);
        text.add(cell.glyph, sgr_of(cell.layer, cell.line));
      }
    }
  }

  const ValueTick* tick_in(std::size_t row) const {
    for (const ValueTick& tick : axis_.ticks) {
      const double place = (1 - axis_.place(tick.value)) * static_cast<double>(rows_ - 1);
      if (static_cast<std::size_t>(std::lround(place)) == row) return &tick;
    }
    return nullptr;
  }

  std::ptrdiff_t x_of(const Canvas& canvas, std::int64_t time) const {
    const double part =
        static_cast<double>(time - model_.range.from_ns) / static_cast<double>(model_.range.length_ns());
    return std::lround(part * static_cast<double>(canvas.dots_across() - 1));
  }
  // The ticks stand in the middle of their rows.
  std::ptrdiff_t y_of(const Canvas& canvas, double value) const {
    const double in_row = static_cast<double>(canvas.dots_down()) / static_cast<double>(rows_);
    const double rows = (1 - axis_.place(value)) * static_cast<double>(rows_ - 1);
    const double dots = rows * in_row + (in_row - 1) / 2;
    return std::clamp<std::ptrdiff_t>(std::lround(dots), 0, static_cast<std::ptrdiff_t>(canvas.dots_down()) - 1);
  }

  void curve(Canvas& canvas, const PlotLine& each) const {
    const Layer layer = each.earlier ? Layer::earlier : Layer::line;
    const PlotPoint* before = nullptr;
    for (const PlotPoint& point : each.points) {
      const std::ptrdiff_t x = x_of(canvas, point.time_ns);
      const std::ptrdiff_t y = y_of(canvas, point.value);
      const PlotPoint& from = before == nullptr || point.breaks ? point : *before;
      canvas.draw(x_of(canvas, from.time_ns), y_of(canvas, from.value), x, y, layer, each.colour);
      before = &point;
    }
  }

  // A light pattern from minimum to maximum.
  void band(Canvas& canvas, const PlotLine& each) const {
    for (const PlotPoint& point : each.points) {
      const std::ptrdiff_t x = x_of(canvas, point.time_ns);
      const std::ptrdiff_t bottom = y_of(canvas, point.low);
      const std::ptrdiff_t top = y_of(canvas, point.high);
      for (std::ptrdiff_t y = top; top != bottom && y <= bottom; ++y) {
        if (layout_.style != CanvasStyle::braille || (x + y) % 2 == 0) canvas.dot(x, y, Layer::band, each.colour);
      }
    }
  }

  void time_axis() {
    const std::size_t across = plot_columns();
    const auto ticks = make_time_ticks(model_.range, *model_.zone, std::max<std::size_t>(across / 12, 1));
    std::vector<bool> marks(across, false);
    std::string labels;
    for (const TimeTick& tick : ticks) {
      const double part =
          static_cast<double>(tick.time_ns - model_.range.from_ns) / static_cast<double>(model_.range.length_ns());
      const auto column = static_cast<std::size_t>(std::lround(part * static_cast<double>(across - 1)));
      marks[column] = true;
      // Below its mark, as far as there is room.
      const std::size_t width = tick.label.size();
      std::size_t start = label_width_ + 2 + column;
      start = std::min(start - std::min(start, width / 2), columns_ - std::min(columns_, width));
      if (start < labels.size() + (labels.empty() ? 0 : 2)) continue;
      labels.append(start - labels.size(), ' ');
      labels += tick.label;
    }
    std::string axis;
    for (const bool is_mark : marks) {
      axis += layout_.unicode ? (is_mark ? "\u252c" : "\u2500") : (is_mark ? "+" : "-");
    }
    StyledLine& text = line();
    text.add(std::string(label_width_ + 1, ' '));
    text.add((layout_.unicode ? "\u2514" : "+") + axis, "2");
    line().add(labels);
  }

  void legend() {
    std::array<std::size_t, std::size(kPlotStats)> widths{};
    std::size_t name_width = 0;
    for (const PlotLine& each : panel_.lines) {
      name_width = std::max(name_width, text_width(service::printable(each.label)));
      for (std::size_t i = 0; i < each.stats.size(); ++i) widths[i] = std::max(widths[i], text_width(each.stats[i]));
    }
    const std::size_t indent = label_width_ + 2;
    constexpr std::size_t kSample = 3;
    std::size_t left = columns_ - std::min(columns_, indent + kSample + std::min<std::size_t>(name_width, 8));
    std::size_t stats_width = 0;
    shown_stats_ = 0;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], std::string_view(kPlotStats[i]).size());
      if (stats_width + 2 + widths[i] > left) break;
      stats_width += 2 + widths[i];
      ++shown_stats_;
    }
    left = columns_ - std::min(columns_, indent + kSample + stats_width);
    name_width = std::min(name_width, left);
    StyledLine& titles = line();
    titles.add(std::string(indent + kSample + name_width, ' '));
    for (std::size_t i = 0; i < shown_stats_; ++i) titles.add("  " + padded_left(kPlotStats[i], widths[i]), "2");
    for (std::size_t i = panel_.lines.size(); i-- > 0;) legend_line(panel_.lines, i, indent, name_width, widths);
    if (panel_.left_out == 0) return;
    line().add(std::string(indent, ' ') + "and " + std::to_string(panel_.left_out) +
               " more, not drawn: choose with --top, --label or --by");
  }

  template <typename Widths>
  void legend_line(const std::vector<PlotLine>& lines, std::size_t index, std::size_t indent, std::size_t name_width,
                   const Widths& widths) {
    // In the order of their colours; each followed by its earlier one.
    const PlotLine& each = in_order(lines, lines.size() - 1 - index);
    StyledLine& text = line();
    const Layer layer = each.earlier ? Layer::earlier : Layer::line;
    const std::string sample = Canvas::sample(layout_.style, layer, each.colour);
    text.add(std::string(indent, ' '));
    text.add(sample, sgr_of(layer, each.colour));
    text.pad_to(indent + 3);
    if (name_width != 0) text.add(cut(each.label, name_width));
    text.pad_to(indent + 3 + name_width);
    for (std::size_t i = 0; i < std::min(shown_stats_, each.stats.size()); ++i) {
      text.add("  " + padded_left(each.stats[i], widths[i]));
    }
  }

  static const PlotLine& in_order(const std::vector<PlotLine>& lines, std::size_t place) {
    std::vector<const PlotLine*> sorted;
    sorted.reserve(lines.size());
    for (const PlotLine& each : lines) sorted.push_back(&each);
    std::stable_sort(sorted.begin(), sorted.end(), [](const PlotLine* a, const PlotLine* b) {
      return std::pair(a->colour, a->earlier) < std::pair(b->colour, b->earlier);
    });
    return *sorted[place];
  }

  const Panel& panel_;
  const PlotModel& model_;
  const TextLayout& layout_;
  const std::size_t columns_;
  const std::size_t rows_;
  const ValueAxis axis_;
  std::size_t label_width_ = 0;
  std::size_t shown_stats_ = 0;  // of kPlotStats, as many as there is room for
  std::vector<StyledLine> lines_;
};

// Lines around the drawing: title, axis with its labels, legend with its titles, a blank one.
std::size_t lines_around(const Panel& panel) {
  return 1 + 2 + 1 + panel.lines.size() + (panel.left_out == 0 ? 0 : 1) + 1;
}

// What is drawn in marks where a terminal has no colours: braille dots of several lines look all the same.
CanvasStyle style_for(const Panel& panel, const TextLayout& layout) {
  const auto lines =
      std::count_if(panel.lines.begin(), panel.lines.end(), [](const auto& line) { return !line.earlier; });
  if (layout.colour || layout.style == CanvasStyle::ascii || lines < 2) return layout.style;
  return CanvasStyle::marks;
}

}  // namespace

std::size_t points_across(const TextLayout& layout) {
  constexpr std::size_t kLabels = 10;  // about what the value axis takes
  const std::size_t cells = std::max(layout.columns, kLeastColumns) - kLabels;
  return layout.style == CanvasStyle::braille ? 2 * cells : cells;
}

void print_plot(const PlotModel& model, const TextLayout& layout, std::ostream& out) {
  const std::size_t columns = std::max(layout.columns, kLeastColumns);
  const std::size_t beside = std::clamp<std::size_t>((columns + kBetween) / (kBesideColumns + kBetween), 1,
                                                     std::max<std::size_t>(model.panels.size(), 1));
  const std::size_t width = (columns - (beside - 1) * kBetween) / beside;
  const std::size_t storeys = (model.panels.size() + beside - 1) / beside;
  for (std::size_t first = 0; first < model.panels.size(); first += beside) {
    const std::size_t end = std::min(first + beside, model.panels.size());
    std::size_t around = 0;
    for (std::size_t i = first; i < end; ++i) around = std::max(around, lines_around(model.panels[i]));
    const std::size_t share = (layout.lines - std::min<std::size_t>(layout.lines, 2)) / storeys;
    const std::size_t rows = std::clamp(share - std::min(share, around), kLeastRows, kMostRows);
    std::vector<std::vector<StyledLine>> panels;
    std::size_t height = 0;
    for (std::size_t i = first; i < end; ++i) {
      TextLayout own = layout;
      own.style = style_for(model.panels[i], layout);
      panels.push_back(PanelText(model.panels[i], model, own, width, rows).lines());
      height = std::max(height, panels.back().size());
    }
    for (std::size_t row = 0; row < height; ++row) {
      std::string text;
      for (std::size_t i = 0; i < panels.size(); ++i) {
        const bool has = row < panels[i].size();
        if (has) text += panels[i][row].finish();
        const std::size_t used = has ? panels[i][row].width() : 0;
        if (i + 1 < panels.size()) text += std::string(width - std::min(width, used) + kBetween, ' ');
      }
      text.erase(text.find_last_not_of(' ') + 1);
      out << text << '\n';
    }
    out << '\n';
  }
  out << model.caption << '\n';
}

}  // namespace picket::commands

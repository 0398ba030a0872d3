// SPDX-License-Identifier: Apache-2.0
//
// Charts as SVG. Plain attributes and classes only, so that simple viewers show it as well; those that know
// `prefers-color-scheme` get dark colours where that is wanted.
#include <algorithm>
#include <array>
#include <cmath>

#include "commands/plot.hpp"
#include "commands/plot_axis.hpp"
#include "commands/table.hpp"
#include "service/printable.hpp"
#include "service/xml.hpp"

namespace picket::commands {
namespace {

using service::svg_number;

struct LineColour {
  const char* light;
  const char* dark;
};

// Told apart with every kind of colour vision, after Okabe and Ito, "Color Universal Design" (2008), with its yellow
// darkened on white; the last three are ours.
constexpr std::array<LineColour, kMostLines> kLineColours = {{{"#0072b2", "#56b4e9"},
                                                              {"#d55e00", "#ff9248"},
                                                              {"#009e73", "#2fd0a2"},
                                                              {"#b0578d", "#e29ac4"},
                                                              {"#9a7d00", "#f0e442"},
                                                              {"#4f5bd5", "#a9b1ff"},
                                                              {"#a3302c", "#ff8f8a"},
                                                              {"#57606a", "#adb5bd"}}};

constexpr double kMargin = 16;
constexpr double kTitleHeight = 32;
constexpr double kAxisHeight = 24;
constexpr double kLegendLine = 18;
constexpr double kFontSize = 12;
constexpr double kCharacter = 6.8;  // about, of that size
constexpr double kPanelGap = 20;

std::string escaped(const std::string& text) {
  return service::xml_text(service::printable(text));
}

double wide(const std::string& text) {
  return kCharacter * static_cast<double>(text_width(text));
}

std::string style_sheet() {
  std::string sheet =
      "<style>\n"
      "svg{background:#fff}text{fill:#24292f}.quiet{fill:#57606a}.grid{stroke:#d8dee4}.axis{stroke:#8c959f}\n"
      ".line{fill:none;stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}.earlier{stroke-dasharray:2 4;"
      "opacity:.8}.band{opacity:.18;stroke:none}.title{font-weight:600;font-size:14px}\n";
  std::string dark =
      "svg{background:#0d1117}text{fill:#e6edf3}.quiet{fill:#9198a1}.grid{stroke:#262c36}.axis{stroke:#656c76}\n";
  for (std::size_t i = 0; i < kLineColours.size(); ++i) {
    const std::string of = std::to_string(i);
    sheet += ".s" + of + "{stroke:" + kLineColours[i].light + "}.f" + of + "{fill:" + kLineColours[i].light + "}";
    dark += ".s" + of + "{stroke:" + kLineColours[i].dark + "}.f" + of + "{fill:" + kLineColours[i].dark + "}";
  }
  return sheet + "\n@media (prefers-color-scheme:dark){\n" + dark + "}\n</style>\n";
}

std::string text_at(double x, double y, const std::string& text, const char* attributes = "") {
  return "<text x=\"" + svg_number(x) + "\" y=\"" + svg_number(y) + "\"" + attributes + ">" + escaped(text) +
         "</text>\n";
}

std::string rule(double x1, double y1, double x2, double y2, const char* kind) {
  return "<line class=\"" + std::string(kind) + "\" x1=\"" + svg_number(x1) + "\" y1=\"" + svg_number(y1) + "\" x2=\"" +
         svg_number(x2) + "\" y2=\"" + svg_number(y2) + "\"/>\n";
}

class PanelSvg {
 public:
  PanelSvg(const Panel& panel, const PlotModel& model, const SvgLayout& layout, double top)
      : panel_(panel),
        model_(model),
        height_(layout.height),
        top_(top + kTitleHeight),
        axis_(make_value_axis(panel.low, panel.high, panel.unit,
                              static_cast<std::size_t>(std::clamp(layout.height / 45, 3, 12)))) {
    double labels = 0;
    for (const ValueTick& tick : axis_.ticks) labels = std::max(labels, wide(tick.label));
    left_ = kMargin + labels + 8;
    right_ = layout.width - kMargin;
  }

  double height() const {
    const double legend = kLegendLine * static_cast<double>(panel_.lines.size() + (panel_.left_out == 0 ? 0 : 1) + 1);
    return kTitleHeight + height_ + kAxisHeight + legend + kPanelGap;
  }

  std::string draw() {
    std::string out = "<g>\n" + text_at(kMargin, top_ - 16, panel_.title, " class=\"title\"");
    axes(out);
    if (panel_.has_band) band(out, panel_.lines.back());
    for (const PlotLine& line : panel_.lines) curve(out, line);
    legend(out);
    return out + "</g>\n";
  }

 private:
  double x_of(std::int64_t time) const {
    const double part =
        static_cast<double>(time - model_.range.from_ns) / static_cast<double>(model_.range.length_ns());
    return std::clamp(left_ + part * (right_ - left_), left_, right_);
  }
  double y_of(double value) const { return top_ + (1 - axis_.place(value)) * height_; }

  void axes(std::string& out) const {
    for (const ValueTick& tick : axis_.ticks) {
      const double y = y_of(tick.value);
      out += rule(left_, y, right_, y, "grid");
      out += text_at(left_ - 8, y + 4, tick.label, " class=\"quiet\" text-anchor=\"end\"");
    }
    const double bottom = top_ + height_;
    out += rule(left_, bottom, right_, bottom, "axis");
    const auto most = static_cast<std::size_t>(std::max((right_ - left_) / 90, 1.0));
    for (const TimeTick& tick : make_time_ticks(model_.range, *model_.zone, most)) {
      const double x = x_of(tick.time_ns);
      out += rule(x, bottom, x, bottom + 5, "axis");
      const double half = wide(tick.label) / 2;
      const double middle = std::clamp(x, kMargin + half, std::max(right_ + kMargin / 2 - half, kMargin + half));
      out += text_at(middle, bottom + 19, tick.label, " class=\"quiet\" text-anchor=\"middle\"");
    }
  }

  void curve(std::string& out, const PlotLine& line) const {
    std::string path;
    for (std::size_t i = 0; i < line.points.size(); ++i) {
      const PlotPoint& point = line.points[i];
      const bool begins = i == 0 || point.breaks;
      path += (begins ? "M" : "L") + svg_number(x_of(point.time_ns)) + " " + svg_number(y_of(point.value));
      // A point by itself becomes a dot: the round ends of a line without length.
      const bool alone = begins && (i + 1 == line.points.size() || line.points[i + 1].breaks);
      if (alone) path += "h0";
    }
    out += "<path class=\"line" + std::string(line.earlier ? " earlier" : "") + " s" + std::to_string(line.colour) +
           "\" d=\"" + path + "\"><title>" + escaped(line.label.empty() ? panel_.title : line.label) +
           "</title></path>\n";
  }

  void band(std::string& out, const PlotLine& line) const {
    std::string path;
    for (std::size_t first = 0; first < line.points.size();) {
      std::size_t end = first + 1;
      while (end < line.points.size() && !line.points[end].breaks) ++end;
      for (std::size_t i = first; i < end; ++i) {
        path += (i == first ? "M" : "L") + svg_number(x_of(line.points[i].time_ns)) + " " +
                svg_number(y_of(line.points[i].high));
      }
      for (std::size_t i = end; i-- > first;) {
        path += "L" + svg_number(x_of(line.points[i].time_ns)) + " " + svg_number(y_of(line.points[i].low));
      }
      path += "Z";
      first = end;
    }
    out += "<path class=\"band f" + std::to_string(line.colour) + "\" d=\"" + path +
           "\"><title>from minimum to maximum</title></path>\n";
  }

  // A table: sample, name, and the statistics to the right.
  void legend(std::string& out) const {
    constexpr std::size_t kStats = std::size(kPlotStats);
    std::array<double, kStats> widths{};
    for (std::size_t i = 0; i < kStats; ++i) widths[i] = wide(kPlotStats[i]);
    for (const PlotLine& line : panel_.lines) {
      for (std::size_t i = 0; i < line.stats.size(); ++i) widths[i] = std::max(widths[i], wide(line.stats[i]));
    }
    std::array<double, kStats> ends{};
    double end = right_;
    for (std::size_t i = kStats; i-- > 0;) {
      ends[i] = end;
      end -= widths[i] + 18;
    }
    double y = top_ + height_ + kAxisHeight + kLegendLine;
    for (std::size_t i = 0; i < kStats; ++i) {
      out += text_at(ends[i], y, kPlotStats[i], " class=\"quiet\" text-anchor=\"end\"");
    }
    const auto room = static_cast<std::size_t>(std::max((end - left_ - 28) / kCharacter, 8.0));
    std::vector<const PlotLine*> lines;
    lines.reserve(panel_.lines.size());
    for (const PlotLine& line : panel_.lines) lines.push_back(&line);
    std::stable_sort(lines.begin(), lines.end(), [](const PlotLine* a, const PlotLine* b) {
      return std::pair(a->colour, a->earlier) < std::pair(b->colour, b->earlier);
    });
    for (const PlotLine* line : lines) {
      y += kLegendLine;
      out += "<path class=\"line" + std::string(line->earlier ? " earlier" : "") + " s" + std::to_string(line->colour) +
             "\" d=\"M" + svg_number(left_) + " " + svg_number(y - 4) + "h20\"/>\n";
      out += text_at(left_ + 28, y, cut_text(line->label, room));
      for (std::size_t i = 0; i < line->stats.size(); ++i) {
        out += text_at(ends[i], y, line->stats[i], " text-anchor=\"end\"");
      }
    }
    if (panel_.left_out == 0) return;
    out += text_at(left_, y + kLegendLine, "and " + std::to_string(panel_.left_out) + " more, not drawn",
                   " class=\"quiet\"");
  }

  const Panel& panel_;
  const PlotModel& model_;
  const double height_;
  const double top_;
  const ValueAxis axis_;
  double left_ = 0, right_ = 0;
};

// What a reader who cannot see the chart is told.
std::string description(const PlotModel& model) {
  std::string text = model.caption + ".";
  for (const Panel& panel : model.panels) {
    text += " " + panel.title + ":";
    const char* separator = " ";
    for (const PlotLine& line : panel.lines) {
      text += separator + (line.label.empty() ? std::string() : line.label + " ");
      for (std::size_t i = 0; i < line.stats.size(); ++i) {
        text += (i == 0 ? "" : ", ") + std::string(kPlotStats[i]) + " " + line.stats[i];
      }
      separator = "; ";
    }
    text += ".";
  }
  return text;
}

std::string document_title(const PlotModel& model) {
  std::string text;
  for (const Panel& panel : model.panels) text += (text.empty() ? "" : "; ") + panel.title;
  return text;
}

}  // namespace

std::string svg_of(const PlotModel& model, const SvgLayout& layout) {
  std::string panels;
  double y = kMargin;
  for (const Panel& panel : model.panels) {
    PanelSvg drawing(panel, model, layout, y);
    panels += drawing.draw();
    y += drawing.height();
  }
  const double height = y + kFontSize + kMargin / 2;
  const std::string size = std::to_string(layout.width) + "\" height=\"" + svg_number(height);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + size + "\" viewBox=\"0 0 " +
         std::to_string(layout.width) + " " + svg_number(height) +
         "\" role=\"img\" aria-labelledby=\"title description\" font-family=\"system-ui,sans-serif\" font-size=\"" +
         svg_number(kFontSize) + "\">\n<title id=\"title\">" + escaped(document_title(model)) +
         "</title>\n<desc id=\"description\">" + escaped(description(model)) + "</desc>\n" + style_sheet() + panels +
         text_at(kMargin, y + kFontSize / 2, model.caption, " class=\"quiet\"") + "</svg>\n";
}

}  // namespace picket::commands

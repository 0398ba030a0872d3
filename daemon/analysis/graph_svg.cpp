// SPDX-License-Identifier: Apache-2.0
//
// The graph as SVG. Plain attributes and classes only, so that simple viewers show it as well; those that know
// `prefers-color-scheme` get dark colours where that is wanted.
#include <algorithm>

#include "analysis/graph.hpp"
#include "analysis/graph_layout.hpp"
#include "service/xml.hpp"

namespace picket::analysis {
namespace {

using service::svg_number;
using service::xml_text;

constexpr double kEdge = 20;          // around everything
constexpr double kPadding = 10;       // within a box
constexpr double kTitleLine = 17;     // heights of lines of text
constexpr double kSmallLine = 14;     //
constexpr double kTitleLetter = 8.1;  // widths of letters, about
constexpr double kSmallLetter = 6.1;  //
constexpr double kMonoLetter = 6.7;   //
constexpr double kBadge = 16;         // a finding's number

constexpr const char* kStyle =
    "<style>\n"
    "svg{background:#fff}text{fill:#1f2328;font-size:11px}.title{font-size:12.5px;font-weight:600}"
    ".quiet{fill:#57606a}\n.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}\n"
    ".instance{fill:#dbeafe;stroke:#2563eb}.sink{fill:#dcfce7;stroke:#15803d}.daemon{fill:#e5e7eb;stroke:#4b5563}"
    ".command{fill:#fde7c7;stroke:#b45309}.route{fill:#fff;stroke:#afb8c1}.noted{stroke:#cf222e;stroke-width:2}\n"
    ".way{fill:none;stroke:#6e7781;stroke-width:1.3}.dead{stroke-dasharray:4 3;opacity:.55}.round{stroke:#cf222e}"
    ".head{fill:#6e7781}.head.round{stroke:none;fill:#cf222e}.badge{fill:#cf222e}.number{fill:#fff;font-weight:600}"
    ".back{fill:#fff}\n"
    "@media (prefers-color-scheme:dark){\n"
    "svg{background:#0d1117}text{fill:#e6edf3}.quiet{fill:#9198a1}.instance{fill:#12263f;stroke:#4493f8}"
    ".sink{fill:#12301f;stroke:#3fb950}.daemon{fill:#21262d;stroke:#9198a1}.command{fill:#3d2a10;stroke:#d29922}"
    ".route{fill:#161b22;stroke:#3d444d}.way{stroke:#9198a1}.head{fill:#9198a1}.noted,.round{stroke:#f85149}"
    ".badge,.head.round{fill:#f85149}.back{fill:#0d1117}}\n</style>\n";

double letters(const std::string& text) {
  return static_cast<double>(std::count_if(
      text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

std::string svg_text(double x, double y, const std::string& text, const char* kind) {
  return "<text x=\"" + svg_number(x) + "\" y=\"" + svg_number(y) + "\" class=\"" + kind +
         "\" xml:space=\"preserve\">" + xml_text(text) + "</text>\n";
}

LayoutBox size_of(const GraphBox& box) {
  double width = letters(box.name) * kTitleLetter;
  if (!box.notes.empty()) width += 6 + static_cast<double>(box.notes.size()) * (kBadge + 4);
  width = std::max(width, letters(box.type) * kSmallLetter);
  for (const std::string& line : box.lines) width = std::max(width, letters(line) * kMonoLetter);
  const double below = static_cast<double>(box.lines.size() + (box.type.empty() ? 0 : 1)) * kSmallLine;
  return {width + 2 * kPadding, kTitleLine + below + 2 * kPadding - 4};
}

const char* class_of(const GraphBox& box) {
  switch (box.kind) {
    case BoxKind::daemon:
      return "daemon";
    case BoxKind::command:
      return "command";
    case BoxKind::route:
      return "route";
    case BoxKind::instance:
      break;
  }
  return box.sink && !box.source ? "sink" : "instance";
}

// Commands have a point to the right; everything else is a box.
std::string outline(const GraphBox& box, const Layout::Placed& at) {
  std::string kind = class_of(box);
  if (!box.notes.empty()) kind += " noted";
  if (box.dead) kind += " dead";
  if (box.kind != BoxKind::command) {
    const char* const corner = box.kind == BoxKind::route ? "3" : "9";
    return "<rect class=\"" + kind + "\" x=\"" + svg_number(at.x) + "\" y=\"" + svg_number(at.y) + "\" width=\"" +
           svg_number(at.width) + "\" height=\"" + svg_number(at.height) + "\" rx=\"" + corner + "\"/>\n";
  }
  const double right = at.x + at.width;
  return "<path class=\"" + kind + "\" d=\"M" + svg_number(at.x) + " " + svg_number(at.y) + "H" +
         svg_number(right - 4) + "L" + svg_number(right + 8) + " " + svg_number(at.y + at.height / 2) + "L" +
         svg_number(right - 4) + " " + svg_number(at.y + at.height) + "H" + svg_number(at.x) + "Z\"/>\n";
}

std::string draw_box(const GraphBox& box, const Layout::Placed& at) {
  std::string svg = outline(box, at);
  double y = at.y + kPadding + 11;
  svg += svg_text(at.x + kPadding, y, box.name, box.dead ? "title quiet" : "title");
  double badge = at.x + at.width - kPadding - kBadge / 2;
  for (auto note = box.notes.rbegin(); note != box.notes.rend(); ++note) {
    svg += "<circle class=\"badge\" cx=\"" + svg_number(badge) + "\" cy=\"" + svg_number(y - 4) + "\" r=\"8\"/>\n";
    svg += "<text class=\"number\" x=\"" + svg_number(badge) + "\" y=\"" + svg_number(y) +
           "\" text-anchor=\"middle\">" + std::to_string(*note) + "</text>\n";
    badge -= kBadge + 4;
  }
  y += kTitleLine - 2;
  if (!box.type.empty()) {
    svg += svg_text(at.x + kPadding, y, box.type, "quiet");
    y += kSmallLine;
  }
  for (const std::string& line : box.lines) {
    svg += svg_text(at.x + kPadding, y, line, box.dead ? "mono quiet" : "mono");
    y += kSmallLine;
  }
  return svg;
}

std::string draw_way(const GraphLine& line, const std::vector<Point>& points) {
  std::string kind = line.dead ? "way dead" : line.cycle ? "way round" : "way";
  std::string path = "M" + svg_number(points.front().x) + " " + svg_number(points.front().y);
  for (std::size_t i = 1; i < points.size(); ++i) {
    const Point& a = points[i - 1];
    const Point& b = points[i];
    if (a.y == b.y) {
      path += "H" + svg_number(b.x);
      continue;
    }
    const double half = (b.x - a.x) / 2;
    path += "C" + svg_number(a.x + half) + " " + svg_number(a.y) + " " + svg_number(b.x - half) + " " +
            svg_number(b.y) + " " + svg_number(b.x) + " " + svg_number(b.y);
  }
  std::string svg = "<path class=\"" + kind + "\" d=\"" + path + "\"/>\n";
  const Point& end = points.back();
  if (line.arrow) {
    const double back = points[points.size() - 2].x < end.x ? -7 : 7;
    svg += std::string("<path class=\"head") + (line.cycle && !line.dead ? " round" : "") + "\" d=\"M" +
           svg_number(end.x) + " " + svg_number(end.y) + "l" + svg_number(back) + " -3.5v7z\"/>\n";
  }
  return svg;
}

// Beside the end that the label is about: a port at the source, limits at the destination.
std::string draw_way_label(const GraphLine& line, const std::vector<Point>& points) {
  if (line.label.empty()) return {};
  std::size_t segment = line.arrow ? points.size() - 1 : 1;  // ends there
  const auto straight = [&] { return points[segment - 1].y == points[segment].y; };
  // What is straight may be no more than the way past a wider box.
  while (points.size() > 2 && straight() && segment > 1 && segment + 1 <= points.size() && line.arrow) --segment;
  while (points.size() > 2 && straight() && segment + 1 < points.size() && !line.arrow) ++segment;
  const Point& a = points[segment - 1];
  const Point& b = points[segment];
  const double width = letters(line.label) * kSmallLetter;
  const double x = (a.x + b.x - width) / 2;
  const double y = (a.y + b.y) / 2 + 4;
  return "<rect class=\"back\" x=\"" + svg_number(x - 2) + "\" y=\"" + svg_number(y - 10) + "\" width=\"" +
         svg_number(width + 4) + "\" height=\"13\" opacity=\"0.85\"/>\n" + svg_text(x, y, line.label, "quiet");
}

}  // namespace

std::string draw_svg(const Graph& graph) {
  std::vector<LayoutBox> boxes;
  std::vector<LayoutLine> lines;
  for (const GraphBox& box : graph.boxes) boxes.push_back(size_of(box));
  for (const GraphLine& line : graph.lines) lines.push_back({line.from, line.to, letters(line.label) * kSmallLetter});
  const Layout layout = lay_out(boxes, lines);
  double width = layout.width + 2 * kEdge + 8;
  double height = layout.height + 2 * kEdge;
  std::vector<std::string> notes;
  for (std::size_t i = 0; i < graph.notes.size(); ++i) {
    const auto room = static_cast<std::size_t>(std::max(width, 520.0) / kSmallLetter);
    for (const std::string& line : fold(std::to_string(i + 1) + "  " + graph.notes[i], room, 6)) notes.push_back(line);
  }
  for (const std::string& note : notes) width = std::max(width, letters(note) * kSmallLetter + 2 * kEdge);
  const double notes_top = height;
  if (!notes.empty()) height += static_cast<double>(notes.size()) * (kSmallLine + 2) + kEdge;

  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + svg_number(width) + "\" height=\"" +
                    svg_number(height) + "\" viewBox=\"0 0 " + svg_number(width) + " " + svg_number(height) +
                    "\" font-family=\"system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif\">\n";
  svg += "<title>Picket: instances and routes</title>\n";
  svg += kStyle;
  svg += "<g transform=\"translate(" + svg_number(kEdge) + " " + svg_number(kEdge) + ")\">\n";
  for (std::size_t i = 0; i < graph.lines.size(); ++i) svg += draw_way(graph.lines[i], layout.lines[i]);
  for (std::size_t i = 0; i < graph.boxes.size(); ++i) svg += draw_box(graph.boxes[i], layout.boxes[i]);
  for (std::size_t i = 0; i < graph.lines.size(); ++i) svg += draw_way_label(graph.lines[i], layout.lines[i]);
  svg += "</g>\n";
  double y = notes_top;
  for (const std::string& note : notes) {
    svg += svg_text(kEdge, y, note, "note");
    y += kSmallLine + 2;
  }
  return svg + "</svg>\n";
}

}  // namespace picket::analysis

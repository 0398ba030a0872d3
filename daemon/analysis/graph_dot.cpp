// SPDX-License-Identifier: Apache-2.0
//
// The graph in Graphviz's language.
#include "analysis/graph.hpp"

namespace picket::analysis {
namespace {

std::string dot_text(const std::string& text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted;
}

std::string dot_label(const GraphBox& box) {
  std::string label = dot_text(box.name);
  for (const std::size_t note : box.notes) label += " (" + std::to_string(note) + ")";
  if (!box.type.empty()) label += "\\n" + dot_text(box.type);
  if (!box.lines.empty()) label += box.kind == BoxKind::route ? "\\l" : "\\n";
  for (const std::string& line : box.lines) label += dot_text(line) + (box.kind == BoxKind::route ? "\\l" : "\\n");
  return label;
}

std::string dot_shape(const GraphBox& box) {
  std::string shape = "shape=box, style=\"rounded,filled\", fillcolor=\"#dbeafe\"";
  std::string stroke = "#1d4ed8";
  if (box.kind == BoxKind::daemon) {
    shape = "shape=box, style=\"rounded,filled\", fillcolor=\"#e5e7eb\"";
    stroke = "#4b5563";
  } else if (box.kind == BoxKind::command) {
    shape = "shape=cds, style=filled, fillcolor=\"#fde7c7\"";
    stroke = "#b45309";
  } else if (box.kind == BoxKind::route) {
    shape = "shape=box, style=filled, fillcolor=white, fontsize=10";
    stroke = "#9ca3af";
  } else if (box.sink && !box.source) {
    shape = "shape=box, style=\"rounded,filled\", fillcolor=\"#dcfce7\"";
    stroke = "#15803d";
  }
  shape += ", color=\"" + (box.notes.empty() ? stroke : "#b91c1c\", penwidth=\"2") + "\"";
  if (box.dead) shape += ", fontcolor=\"#6b7280\"";
  return shape;
}

}  // namespace

std::string draw_dot(const Graph& graph) {
  std::string text =
      "digraph picket {\n  rankdir=LR;\n  node [fontname=\"sans-serif\", fontsize=11];\n"
      "  edge [fontname=\"sans-serif\", fontsize=9];\n";
  for (std::size_t i = 0; i < graph.boxes.size(); ++i) {
    text += "  b" + std::to_string(i) + " [label=\"" + dot_label(graph.boxes[i]) + "\", " + dot_shape(graph.boxes[i]) +
            "];\n";
  }
  for (const GraphLine& line : graph.lines) {
    std::string look = line.arrow ? "" : "arrowhead=none";
    const auto add = [&](const std::string& attribute) { look += (look.empty() ? "" : ", ") + attribute; };
    if (!line.label.empty()) add("label=\"" + dot_text(line.label) + "\"");
    if (line.dead) add("style=dashed, color=\"#9ca3af\"");
    if (line.cycle) add("color=\"#b91c1c\"");
    text += "  b" + std::to_string(line.from) + " -> b" + std::to_string(line.to) +
            (look.empty() ? "" : " [" + look + "]") + ";\n";
  }
  if (!graph.notes.empty()) {
    text += "  labelloc=b; labeljust=l; fontname=\"sans-serif\"; fontsize=10;\n  label=\"";
    for (std::size_t i = 0; i < graph.notes.size(); ++i) {
      text += "(" + std::to_string(i + 1) + ") " + dot_text(graph.notes[i]) + "\\l";
    }
    text += "\";\n";
  }
  return text + "}\n";
}

}  // namespace picket::analysis

// SPDX-License-Identifier: Apache-2.0
//
// The graph as a flowchart of mermaid.js.
#include "analysis/graph.hpp"

namespace picket::analysis {
namespace {

// Texts stand in quotes; what would end them, or be taken for markup, is written as an entity.
std::string mermaid_text(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '"':
        result += "#quot;";
        break;
      case '#':
        result += "#35;";
        break;
      case '<':
        result += "#lt;";
        break;
      case '>':
        result += "#gt;";
        break;
      case '&':
        result += "#amp;";
        break;
      case '`':
        result += "#96;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string mermaid_label(const GraphBox& box) {
  std::string label = mermaid_text(box.name);
  for (const std::size_t note : box.notes) label += " (" + std::to_string(note) + ")";
  if (!box.type.empty()) label += "<br>" + mermaid_text(box.type);
  for (const std::string& line : box.lines) label += "<br>" + mermaid_text(line);
  return "\"" + label + "\"";
}

}  // namespace

std::string draw_mermaid(const Graph& graph) {
  std::string text = "flowchart LR\n";
  std::string classes;
  for (std::size_t i = 0; i < graph.boxes.size(); ++i) {
    const GraphBox& box = graph.boxes[i];
    const std::string id = "b" + std::to_string(i);
    const std::string label = mermaid_label(box);
    switch (box.kind) {
      case BoxKind::instance:
        text += "  " + id + "(" + label + "):::" + (box.sink && !box.source ? "sink" : "instance") + "\n";
        break;
      case BoxKind::daemon:
        text += "  " + id + "(" + label + "):::daemon\n";
        break;
      case BoxKind::command:
        text += "  " + id + "[/" + label + "/]:::command\n";
        break;
      case BoxKind::route:
        text += "  " + id + "[" + label + "]:::" + (box.dead ? "dead" : "route") + "\n";
        break;
    }
    if (!box.notes.empty()) classes += (classes.empty() ? "" : ",") + id;
  }
  std::string styles;
  for (std::size_t i = 0; i < graph.lines.size(); ++i) {
    const GraphLine& line = graph.lines[i];
    const char* const stroke = line.dead ? (line.arrow ? "-.->" : "-.-") : (line.arrow ? "-->" : "---");
    const std::string label = line.label.empty() ? "" : "|\"" + mermaid_text(line.label) + "\"|";
    text += "  b" + std::to_string(line.from) + " " + stroke + label + " b" + std::to_string(line.to) + "\n";
    if (line.cycle) styles += "  linkStyle " + std::to_string(i) + " stroke:#b91c1c\n";
  }
  text += styles;
  text +=
      "  classDef instance fill:#dbeafe,stroke:#1d4ed8,color:#111\n"
      "  classDef sink fill:#dcfce7,stroke:#15803d,color:#111\n"
      "  classDef daemon fill:#e5e7eb,stroke:#4b5563,color:#111\n"
      "  classDef command fill:#fde7c7,stroke:#b45309,color:#111\n"
      "  classDef route fill:#fff,stroke:#9ca3af,color:#111,text-align:left\n"
      "  classDef dead fill:#fff,stroke:#9ca3af,color:#6b7280,stroke-dasharray:4\n";
  if (!classes.empty()) {
    text += "  classDef noted stroke:#b91c1c,stroke-width:2px\n  class " + classes + " noted\n";
  }
  for (std::size_t i = 0; i < graph.notes.size(); ++i) {
    text += "%% (" + std::to_string(i + 1) + ") " + graph.notes[i] + "\n";
  }
  return text;
}

}  // namespace picket::analysis

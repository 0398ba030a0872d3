// SPDX-License-Identifier: Apache-2.0
//
// The graph as text: for each source a tree of its routes and where they lead. A route of several sources is written in
// full below the first of them.
#include <map>

#include "analysis/graph.hpp"

namespace picket::analysis {
namespace {

struct Strokes {
  const char* branch;
  const char* last;
  const char* down;
  const char* arrow;
};
constexpr Strokes kUnicode = {"├─ ", "└─ ", "│  ", "─> "};
constexpr Strokes kAscii = {"+- ", "`- ", "|  ", "-> "};

std::string heading(const GraphBox& box) {
  std::string text = box.name;
  if (!box.type.empty()) text += " (" + box.type + ")";
  if (box.dead) text += " [brings nothing]";
  for (const std::size_t note : box.notes) text += " !" + std::to_string(note);
  return text;
}

class TreeDrawer {
 public:
  TreeDrawer(const Graph& graph, const Strokes& strokes) : graph_(graph), strokes_(strokes) {}

  std::string draw() {
    for (std::size_t i = 0; i < graph_.boxes.size(); ++i) {
      const GraphBox& box = graph_.boxes[i];
      if (box.kind == BoxKind::route || box.kind == BoxKind::command || !box.source) continue;
      source(i);
    }
    std::string alone;
    for (const GraphBox& box : graph_.boxes) {
      const bool instance = box.kind == BoxKind::instance;
      if (instance && !box.source && !box.sink) alone += heading(box) + "\n";
    }
    if (!alone.empty()) text_ += (text_.empty() ? "" : "\n") + alone;
    if (!graph_.notes.empty()) text_ += "\n";
    for (std::size_t i = 0; i < graph_.notes.size(); ++i) {
      text_ += "!" + std::to_string(i + 1) + "  " + graph_.notes[i] + "\n";
    }
    return std::move(text_);
  }

 private:
  std::vector<std::size_t> lines_from(std::size_t box) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < graph_.lines.size(); ++i) {
      if (graph_.lines[i].from == box) found.push_back(i);
    }
    return found;
  }

  void source(std::size_t box) {
    if (!text_.empty()) text_ += "\n";
    text_ += heading(graph_.boxes[box]) + "\n";
    const std::vector<std::size_t> out = lines_from(box);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const bool last = i + 1 == out.size();
      const GraphLine& line = graph_.lines[out[i]];
      text_ += last ? strokes_.last : strokes_.branch;
      if (!line.label.empty()) text_ += "." + line.label + ": ";
      route(line.to, last ? "   " : strokes_.down);
    }
  }

  void route(std::size_t box, const std::string& indent) {
    const GraphBox& label = graph_.boxes[box];
    const auto [told, fresh] = told_.emplace(box, true);
    text_ += heading(label);
    if (!fresh) {
      text_ += " (see above)\n";
      return;
    }
    text_ += "\n";
    for (const std::string& line : label.lines) text_ += indent + strokes_.down + line + "\n";
    const std::vector<std::size_t> out = lines_from(box);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const bool last = i + 1 == out.size();
      const GraphLine& line = graph_.lines[out[i]];
      const GraphBox& to = graph_.boxes[line.to];
      text_ += indent + (last ? strokes_.last : strokes_.branch) + heading(to);
      if (to.kind == BoxKind::command) {
        std::string arguments;
        for (const std::string& argument : to.lines) arguments += argument;
        text_ += " command" + (arguments.empty() ? "" : " {" + arguments + "}");
      }
      if (!line.label.empty()) text_ += "  [" + line.label + "]";
      if (line.cycle) text_ += "  (back)";
      text_ += "\n";
    }
  }

  const Graph& graph_;
  const Strokes& strokes_;
  std::string text_;
  std::map<std::size_t, bool> told_;
};

}  // namespace

std::string draw_text(const Graph& graph, bool unicode) {
  return TreeDrawer(graph, unicode ? kUnicode : kAscii).draw();
}

}  // namespace picket::analysis

// SPDX-License-Identifier: Apache-2.0
//
// A configuration as a picture: instances and commands as boxes, routes as labelled ways between them. graph.cpp makes
// the picture's model, and each drawer has a file of its own. For `picket graph`; no program besides is needed. One
// thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "analysis/findings.hpp"
#include "config/model.hpp"

namespace picket::analysis {

enum class BoxKind {
  instance,
  daemon,   // `picket` itself, as a source
  command,  // what a route calls
  route,    // the label on the way from sources to destinations
};

struct GraphBox {
  BoxKind kind = BoxKind::instance;
  std::string name;                // of the instance or the route; `jobs.restart` of a command
  std::string type;                // of an instance: the plugin
  std::vector<std::string> lines;  // of a route: where, steps; of a command: its arguments
  bool source = false;             // events leave it
  bool sink = false;               // events come to it
  bool dead = false;               // a route that brings nothing
  std::vector<std::size_t> notes;  // findings about it, from 1
};

struct GraphLine {
  std::size_t from = 0;  // boxes
  std::size_t to = 0;
  std::string label;   // a port, or limits of a queue
  bool arrow = false;  // at `to`
  bool dead = false;
  bool cycle = false;  // on a way that leads back
};

struct Graph {
  std::vector<GraphBox> boxes;  // instances in order of name, then routes in that order, commands after their route
  std::vector<GraphLine> lines;
  std::vector<std::string> notes;  // texts of the findings, with their places
};

struct GraphOptions {
  std::size_t label_width = 44;  // characters; longer lines of labels are folded, 8 at least
  std::size_t label_lines = 8;   // of one condition or step; the rest is cut with an ellipsis
};

Graph make_graph(const config::Model& model, const std::vector<Finding>& findings, const GraphOptions& options = {});

// Graphviz's language: `picket graph --format dot | dot -Tpdf > graph.pdf`.
std::string draw_dot(const Graph& graph);
// A flowchart of mermaid.js, as Markdown viewers show it.
std::string draw_mermaid(const Graph& graph);
// A picture by itself, light or dark as the viewer wants it.
std::string draw_svg(const Graph& graph);
// A tree for each source. `unicode`: with lines instead of `|` and `-`.
std::string draw_text(const Graph& graph, bool unicode);

// `text` in lines of at most `width` characters, broken at blanks where there are any.
std::vector<std::string> fold(const std::string& text, std::size_t width, std::size_t most_lines);

}  // namespace picket::analysis

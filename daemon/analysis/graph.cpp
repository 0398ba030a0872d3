// SPDX-License-Identifier: Apache-2.0
#include "analysis/graph.hpp"

#include <algorithm>
#include <map>

#include "analysis/step_summary.hpp"
#include "service/printable.hpp"

namespace picket::analysis {
namespace {

constexpr const char* kDaemonBox = "picket";

std::size_t step_of_utf8(const std::string& text, std::size_t at) {
  do {
    ++at;
  } while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U);
  return at;
}

// Texts over several lines are one in the file's sense.
std::string on_one_line(const std::string& text) {
  std::string line;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!blank) line += c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  return line;
}

class Builder {
 public:
  Builder(const config::Model& model, const std::vector<Finding>& findings, const GraphOptions& options)
      : model_(model), findings_(findings), options_(options) {}

  Graph build();

 private:
  void instances();
  void route(const config::Route& route);
  void destination(const config::Destination& to, std::size_t label, bool dead, bool cycle);
  void notes();
  void add_lines(GraphBox& box, const std::string& text) const;
  bool is_dead(const std::string& route) const;
  bool in_cycle(const std::string& route) const;

  const config::Model& model_;
  const std::vector<Finding>& findings_;
  const GraphOptions options_;
  Graph graph_;
  std::map<std::string, std::size_t> instances_;
};

void Builder::add_lines(GraphBox& box, const std::string& text) const {
  for (std::string& line : fold(service::printable(text), options_.label_width, options_.label_lines)) {
    box.lines.push_back(std::move(line));
  }
}

bool Builder::is_dead(const std::string& route) const {
  return std::any_of(findings_.begin(), findings_.end(),
                     [&](const Finding& finding) { return finding.ends_route && finding.routes.front() == route; });
}

bool Builder::in_cycle(const std::string& route) const {
  return std::any_of(findings_.begin(), findings_.end(), [&](const Finding& finding) {
    return finding.kind == FindingKind::cycle &&
           std::find(finding.routes.begin(), finding.routes.end(), route) != finding.routes.end();
  });
}

void Builder::instances() {
  const bool daemon = std::any_of(model_.routes.begin(), model_.routes.end(), [](const auto& named) {
    return std::any_of(named.second.from.begin(), named.second.from.end(),
                       [](const config::SourceRef& source) { return source.instance == kDaemonBox; });
  });
  std::map<std::string, GraphBox> boxes;
  for (const auto& [name, instance] : model_.instances) {
    boxes[name] = {BoxKind::instance, name, instance.type, {}, false, false, false, {}};
  }
  if (daemon) boxes[kDaemonBox] = {BoxKind::daemon, kDaemonBox, "the daemon itself", {}, false, false, false, {}};
  for (auto& [name, box] : boxes) {
    instances_[name] = graph_.boxes.size();
    graph_.boxes.push_back(std::move(box));
  }
}

void Builder::route(const config::Route& route) {
  const std::size_t label = graph_.boxes.size();
  const bool dead = is_dead(route.name);
  const bool cycle = in_cycle(route.name);
  GraphBox box{BoxKind::route, route.name, {}, {}, false, false, dead, {}};
  if (!route.filter.empty()) add_lines(box, "where " + on_one_line(route.filter));
  for (const config::Step& step : route.steps) add_lines(box, summary_of(step));
  graph_.boxes.push_back(std::move(box));
  for (const config::SourceRef& source : route.from) {
    const auto found = instances_.find(source.instance);
    if (found == instances_.end()) continue;
    graph_.boxes[found->second].source = true;
    graph_.lines.push_back({found->second, label, source.port, false, dead, cycle});
  }
  for (const config::Destination& to : route.to) destination(to, label, dead, cycle);
}

void Builder::destination(const config::Destination& to, std::size_t label, bool dead, bool cycle) {
  std::size_t box = 0;
  if (to.call) {  // one for each route: arguments differ
    box = graph_.boxes.size();
    GraphBox command{BoxKind::command, to.label(), {}, {}, false, true, dead, {}};
    if (const std::string arguments = arguments_of(*to.call); !arguments.empty()) add_lines(command, arguments);
    graph_.boxes.push_back(std::move(command));
  } else {
    const auto found = instances_.find(to.instance);
    if (found == instances_.end()) return;
    box = found->second;
    graph_.boxes[box].sink = true;
  }
  // On a way that leads back only the instances that are part of it.
  const bool back =
      cycle && !to.call && std::any_of(findings_.begin(), findings_.end(), [&](const Finding& finding) {
        return finding.kind == FindingKind::cycle &&
               std::find(finding.instances.begin(), finding.instances.end(), to.instance) != finding.instances.end();
      });
  graph_.lines.push_back({label, box, unusual_of(to), true, dead, back});
}

void Builder::notes() {
  for (const Finding& finding : findings_) {
    std::string place;
    if (!finding.where.file.empty()) {
      place = finding.where.file + ":" + std::to_string(finding.where.line) + ":" +
              std::to_string(finding.where.column) + ": ";
    }
    graph_.notes.push_back(service::printable(place + finding.message));
    const std::size_t number = graph_.notes.size();
    // The route or, where it is about instances, those.
    const bool of_instances = finding.kind == FindingKind::unreached_sink ||
                              finding.kind == FindingKind::unheard_source ||
                              finding.kind == FindingKind::unused_instance;
    const std::vector<std::string>& names = of_instances ? finding.instances : finding.routes;
    for (GraphBox& box : graph_.boxes) {
      const bool route = box.kind == BoxKind::route;
      if (route == of_instances || box.kind == BoxKind::command) continue;
      if (std::find(names.begin(), names.end(), box.name) != names.end()) box.notes.push_back(number);
    }
  }
}

Graph Builder::build() {
  instances();
  for (const auto& [name, each] : model_.routes) route(each);
  notes();
  return std::move(graph_);
}

}  // namespace

Graph make_graph(const config::Model& model, const std::vector<Finding>& findings, const GraphOptions& options) {
  return Builder(model, findings, options).build();
}

std::vector<std::string> fold(const std::string& text, std::size_t width, std::size_t most_lines) {
  width = std::max<std::size_t>(width, 8);
  std::vector<std::string> lines;
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t end = begin;
    std::size_t blank = std::string::npos;
    for (std::size_t characters = 0; end < text.size() && characters < width; ++characters) {
      if (text[end] == ' ' && end > begin) blank = end;
      end = step_of_utf8(text, end);
    }
    if (end < text.size() && text[end] == ' ') blank = end;
    if (end < text.size() && blank != std::string::npos) end = blank;
    const bool cut = lines.size() + 1 == most_lines && end < text.size();
    lines.push_back((lines.empty() ? "" : "  ") + text.substr(begin, end - begin) + (cut ? " ..." : ""));
    if (cut) return lines;
    begin = end;
    while (begin < text.size() && text[begin] == ' ') ++begin;
    if (lines.size() == 1 && width > 10) width -= 2;  // what follows is set in
  }
  return lines;
}

}  // namespace picket::analysis

// SPDX-License-Identifier: Apache-2.0
#include "commands/explain.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "analysis/event_trace.hpp"
#include "analysis/findings.hpp"
#include "commands/exit_codes.hpp"
#include "commands/explain_output.hpp"
#include "config/source.hpp"
#include "config/suggest.hpp"
#include "config/units.hpp"
#include "routing/event_json.hpp"
#include "routing/expression/glob.hpp"
#include "service/printable.hpp"

namespace picket::commands {
namespace {

constexpr std::size_t kLongestExplained = 1U << 20U;  // bytes of one event
constexpr const char* kDaemonSource = "picket";

int wrong_use(const Surroundings& surroundings, const std::string& message) {
  surroundings.err << "picket explain: " << message << '\n';
  return kExitUsage;
}

// What is wrong with --from; empty when nothing is.
std::string check_from(const std::string& from, const config::Model& model) {
  const std::string instance = from.substr(0, from.find('.'));
  if (from.empty() || instance == kDaemonSource || model.instances.contains(instance)) return {};
  std::vector<std::string> names{kDaemonSource};
  for (const auto& [name, each] : model.instances) names.push_back(name);
  return "--from: there is no instance `" + service::printable(instance) + "`" + config::suggestion(instance, names);
}

int explain_configuration(const ExplainOptions& options, const config::Model& model, const Surroundings& surroundings) {
  const auto glob = routing::expression::Glob::compile(options.route);
  if (!glob) return wrong_use(surroundings, "--route ends in a lone backslash");
  analysis::SourceLines lines;
  std::vector<analysis::Finding> findings = analysis::find_all(model, lines);
  std::erase_if(findings, [&](const analysis::Finding& finding) {
    if (options.route == "*") return false;
    return std::none_of(finding.routes.begin(), finding.routes.end(),
                        [&](const std::string& route) { return glob->matches(route); });
  });
  print_findings(findings, model, options.json, surroundings.out);
  return findings.empty() ? kExitOk : kExitNotWell;
}

class EventExplainer {
 public:
  EventExplainer(const ExplainOptions& options, const config::Model& model, analysis::EventTracer& tracer,
                 MomentPrinter& printer)
      : options_(options),
        model_(model),
        tracer_(tracer),
        printer_(printer),
        reader_(tracer.names(), event_options()) {}

  // What is wrong with `text`; empty when it was explained.
  std::string explain(const std::string& text) {
    auto batch = reader_.read(text);
    if (!batch) return batch.error().message;
    std::string from = options_.from;
    if (from.empty()) from = std::string(tracer_.names().text((*batch)->events[0].source));
    if (from.empty()) return "the event has no source; say with --from which instance emits it";
    std::string hint = check_from(from, model_);
    if (!hint.empty()) {
      hint = "`" + service::printable(from) + "` is no instance; say with --from which one emits the event";
    }
    for (const analysis::Moment& moment : tracer_.event(std::move(*batch), from)) printer_.print(moment, hint);
    return {};
  }

 private:
  static routing::EventJsonOptions event_options() {
    routing::EventJsonOptions options;
    options.names = routing::NamePolicy::intern;
    options.max_bytes = kLongestExplained;
    return options;
  }

  const ExplainOptions& options_;
  const config::Model& model_;
  analysis::EventTracer& tracer_;
  MomentPrinter& printer_;
  routing::EventJsonReader reader_;
};

std::string explain_stream(EventExplainer& explainer, std::istream& in, const std::string& name) {
  std::size_t line = 1;
  std::size_t begin = 1;
  std::size_t count = 0;
  while (const auto text = next_event_text(in, line, begin)) {
    ++count;
    const std::string problem = explainer.explain(*text);
    if (!problem.empty()) return name + ":" + std::to_string(begin) + ": " + problem;
  }
  if (in.bad()) return name + ": cannot be read to its end";
  return count == 0 ? name + ": there is no event in it" : "";
}

int explain_events(const ExplainOptions& options, const config::Model& model, std::istream& in,
                   const Surroundings& surroundings) {
  if (const std::string problem = check_from(options.from, model); !problem.empty()) {
    return wrong_use(surroundings, problem);
  }
  std::int64_t advance = 0;
  if (!options.advance.empty()) {
    const auto duration = config::parse_duration(options.advance);
    if (!duration) return wrong_use(surroundings, "--advance: " + duration.error().message);
    advance = *duration;
  }
  analysis::EventTracer::Options trace_options;
  trace_options.route_glob = options.route;
  const auto made = analysis::EventTracer::make(model, trace_options);
  if (!made) return wrong_use(surroundings, made.error().message);
  analysis::EventTracer& tracer = **made;
  if (tracer.route_count() == 0) {
    return wrong_use(surroundings, "no route is called like `" + service::printable(options.route) + "`");
  }
  MomentPrinter printer(options.json, surroundings.terminal, surroundings.out);
  EventExplainer explainer(options, model, tracer, printer);
  std::string problem;
  for (std::size_t i = 0; i < options.events.size() && problem.empty(); ++i) {
    problem = explainer.explain(options.events[i]);
    if (!problem.empty()) problem = "--event: " + problem;
  }
  if (problem.empty() && options.file == "-") problem = explain_stream(explainer, in, "standard input");
  if (problem.empty() && !options.file.empty() && options.file != "-") {
    std::ifstream file(config::path_from_utf8(options.file), std::ios::binary);
    problem = file ? explain_stream(explainer, file, options.file) : options.file + ": cannot be opened";
  }
  if (problem.empty() && advance > 0) {
    for (const analysis::Moment& moment : tracer.advance(advance)) printer.print(moment, {});
  }
  if (problem.empty() && options.finish) {
    for (const analysis::Moment& moment : tracer.finish()) printer.print(moment, {});
  }
  printer.end();
  return problem.empty() ? kExitOk : wrong_use(surroundings, problem);
}

}  // namespace

std::optional<std::string> next_event_text(std::istream& in, std::size_t& line, std::size_t& begin) {
  std::string text;
  std::size_t depth = 0;
  bool quoted = false;
  bool escaped = false;
  for (int next = in.get(); next != std::istream::traits_type::eof(); next = in.get()) {
    const char c = static_cast<char>(next);
    if (c == '\n') ++line;
    if (text.empty()) {
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
      begin = line;
    }
    text += c;
    if (text.size() > kLongestExplained) return text;
    if (text.front() != '{') {  // no object: up to the end of the line
      if (c != '\n') continue;
      text.pop_back();
      return text;
    }
    if (quoted) {
      quoted = escaped || c != '"';
      escaped = !escaped && c == '\\';
      continue;
    }
    quoted = c == '"';
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (depth != 0) continue;
    if (!text.starts_with("{\"record\"")) return text;
    text.clear();
  }
  if (text.empty()) return std::nullopt;
  return text;
}

int explain(const ExplainOptions& options, std::istream& in, const Surroundings& surroundings) {
  return explain(read_configuration(options.config, surroundings), options, in, surroundings);
}

int explain(const Configuration& configuration, const ExplainOptions& options, std::istream& in,
            const Surroundings& surroundings) {
  surroundings.err << configuration.loaded.diagnostics.render();
  if (!configuration.loaded.model) return kExitConfiguration;
  const config::Model& model = *configuration.loaded.model;
  const bool events = !options.events.empty() || !options.file.empty();
  if (events) return explain_events(options, model, in, surroundings);
  if (!options.from.empty() || !options.advance.empty() || options.finish) {
    return wrong_use(surroundings,
                     "--from, --advance and --finish need an event: --event JSON, a file, or - for "
                     "standard input");
  }
  return explain_configuration(options, model, surroundings);
}

}  // namespace picket::commands

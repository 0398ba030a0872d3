// SPDX-License-Identifier: Apache-2.0
#include "commands/graph_verb.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>

#include "analysis/graph.hpp"
#include "commands/exit_codes.hpp"
#include "commands/verb_options.hpp"
#include "commands/verbs.hpp"
#include "config/source.hpp"
#include "service/printable.hpp"

namespace picket::commands {
namespace {

std::string ending_of(const GraphVerbOptions& options) {
  return config::path_to_utf8(config::path_from_utf8(options.output).extension());
}

// Empty when the file's name says none.
std::string format_of(const GraphVerbOptions& options) {
  if (!options.format.empty()) return options.format;
  const std::string extension = ending_of(options);
  if (extension == ".svg") return "svg";
  if (extension == ".dot" || extension == ".gv") return "dot";
  if (extension == ".mmd" || extension == ".mermaid") return "mermaid";
  return extension.empty() || extension == ".txt" ? "text" : "";
}

std::string drawn(const analysis::Graph& graph, const std::string& format, bool unicode) {
  if (format == "svg") return analysis::draw_svg(graph);
  if (format == "dot") return analysis::draw_dot(graph);
  if (format == "mermaid") return analysis::draw_mermaid(graph);
  return analysis::draw_text(graph, unicode);
}

}  // namespace

int graph(const GraphVerbOptions& options, const Surroundings& surroundings) {
  const std::string format = format_of(options);
  if (format.empty()) {
    surroundings.err << "picket graph: --output: the ending `" << service::printable(ending_of(options))
                     << "` says no format; use .svg, .dot, .gv, .mmd, .mermaid or .txt, or --format\n";
    return kExitUsage;
  }
  const Configuration configuration = read_configuration(options.config, surroundings);
  surroundings.err << configuration.loaded.diagnostics.render();
  if (!configuration.loaded.model) return kExitConfiguration;
  const config::Model& model = *configuration.loaded.model;
  analysis::SourceLines lines;
  analysis::GraphOptions graph_options;
  if (format == "text") {  // the terminal's width, without what stands before a label
    const int columns = surroundings.terminal.columns;
    graph_options.label_width = columns > 32 ? static_cast<std::size_t>(columns) - 8 : columns > 0 ? 24 : 100;
  }
  const analysis::Graph graph = analysis::make_graph(model, analysis::find_all(model, lines), graph_options);
  const bool unicode = !options.ascii && (surroundings.terminal.unicode || !options.output.empty());
  std::string picture = drawn(graph, format, unicode);
  if (picture.empty()) picture = "there are no instances and no routes\n";
  if (options.output.empty()) {
    surroundings.out << picture;
    return kExitOk;
  }
  std::ofstream file(config::path_from_utf8(options.output), std::ios::binary | std::ios::trunc);
  file << picture << std::flush;
  if (!file) {
    const std::error_code why(errno, std::generic_category());
    surroundings.err << "picket graph: " << options.output << ": cannot be written: " << why.message() << '\n';
    return kExitPermission;
  }
  return kExitOk;
}

void add_graph(CLI::App& app, Verb& chosen) {
  const auto options = std::make_shared<GraphVerbOptions>();
  CLI::App* const verb = add_verb(
      app,
      {"graph",
       "Draw the configuration: instances, routes, steps and what stands out",
       {"picket graph", "picket graph --output picket.svg", "picket graph --format dot | dot -Tpdf -o picket.pdf",
        "picket graph --format mermaid --output picket.mmd"},
       {"77  the file cannot be written", "78  the configuration is wrong"}},
      chosen, [options]() -> Verb { return [options](const Surroundings& s) { return graph(*options, s); }; });
  add_config_options(*verb, options->config);
  verb->add_option("--format", options->format,
                   "Without it by the ending of --output (.svg .dot .gv .mmd .mermaid .txt), else text")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "dot", "mermaid", "svg"}));
  verb->add_option("-o,--output", options->output, "A file to write instead of standard output")->type_name("FILE");
  verb->add_flag("--ascii", options->ascii, "Text with ASCII characters only");
}

}  // namespace picket::commands

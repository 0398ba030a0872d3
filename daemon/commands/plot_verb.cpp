// SPDX-License-Identifier: Apache-2.0
//
// The command line of `picket plot`.
#include <memory>

#include "commands/history_verb.hpp"
#include "commands/plot.hpp"

namespace picket::commands {
namespace {

struct PlotVerbOptions {
  HistoryVerbOptions history;
  PlotOptions plot;
  std::string format;
  bool ascii = false;
  bool no_band = false;
};

}  // namespace

void add_plot(CLI::App& app, Verb& chosen) {
  const auto options = std::make_shared<PlotVerbOptions>();
  CLI::App* const verb = add_verb(
      app,
      {"plot",
       "Draw the history: charts in the terminal, or SVG",
       {"picket plot system.cpu.utilization --label cpu.mode=user --last 24h",
        "picket plot system.network.io --by device --last 7d", "picket plot 'system.memory.*' --compare yesterday",
        "picket plot 'process.*' --top 5 --svg processes.svg"},
       {"1   there is nothing to draw, or some of it is damaged",
        "69  there is no history to read, or the file cannot be written", "77  not allowed to read it",
        "78  the configuration is wrong"}},
      chosen, [options]() -> Verb {
        options->plot.band = !options->no_band;
        options->plot.svg_format = options->format == "svg";
        if (options->ascii) options->plot.style = "ascii";
        return [options](const Surroundings& surroundings) {
          return with_history("plot", options->history, surroundings,
                              [&](History& history) { return plot(options->plot, history, surroundings); });
        };
      });
  PlotOptions& plot = options->plot;
  add_history_options(*verb, options->history, plot.question);
  verb->add_option("--svg", plot.svg_file, "Write SVG into this file instead")->type_name("FILE");
  verb->add_option("--format", options->format, "text, or svg: on standard output (text)")
      ->check(CLI::IsMember({"text", "svg"}))
      ->type_name("FORMAT");
  CLI::Option* const style =
      verb->add_option("--style", plot.style, "braille, block or ascii (what the locale and the terminal can show)");
  style->type_name("STYLE");
  verb->add_flag("--ascii", options->ascii, "Short for --style ascii")->excludes(style);
  verb->add_flag("--no-band", options->no_band, "Without the band from minimum to maximum around a single line");
  verb->add_option("--width", plot.width, "Columns, or pixels of SVG (the terminal's, else 80; 960)")
      ->type_name("COUNT");
  verb->add_option("--height", plot.height,
                   "Lines of all charts together, or pixels of each in SVG (the terminal's, else 24; 260)")
      ->type_name("COUNT");
}

}  // namespace picket::commands

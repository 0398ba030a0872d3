// SPDX-License-Identifier: Apache-2.0
#include "commands/plot.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "commands/exit_codes.hpp"
#include "commands/query.hpp"

namespace picket::commands {
namespace {

constexpr int kDefaultColumns = 80;
constexpr int kDefaultLines = 24;
constexpr int kDefaultPixels = 960;
constexpr int kDefaultPixelsHigh = 260;
constexpr int kWidestText = 1'000;
constexpr int kMostPixels = 10'000;

Result<CanvasStyle> choose_style(const std::string& word, const platform::Terminal& terminal) {
  if (word == "braille") return CanvasStyle::braille;
  if (word == "block") return CanvasStyle::block;
  if (word == "ascii") return CanvasStyle::ascii;
  if (!word.empty()) return Error{"--style " + word + ": expected braille, block or ascii", PICKET_INVALID};
  if (terminal.braille) return CanvasStyle::braille;
  return terminal.unicode ? CanvasStyle::block : CanvasStyle::ascii;
}

Result<int> choose_size(const char* option, int asked, int own, int least, int most) {
  if (asked == 0) return std::clamp(own, least, most);
  if (asked >= least && asked <= most) return asked;
  return Error{std::string(option) + " " + std::to_string(asked) + ": expected " + std::to_string(least) + " to " +
                   std::to_string(most),
               PICKET_INVALID};
}

Result<TextLayout> text_layout(const PlotOptions& options, const platform::Terminal& terminal) {
  TextLayout layout;
  const auto style = choose_style(options.style, terminal);
  if (!style) return style.error();
  const int columns = terminal.columns > 0 ? terminal.columns : kDefaultColumns;
  const auto width = choose_size("--width", options.width, columns, 30, kWidestText);
  if (!width) return width.error();
  const int rows = terminal.rows > 0 ? terminal.rows : kDefaultLines;
  const auto height = choose_size("--height", options.height, rows, 5, kWidestText);
  if (!height) return height.error();
  layout.style = *style;
  layout.columns = static_cast<std::size_t>(*width);
  layout.lines = static_cast<std::size_t>(*height);
  layout.colour = terminal.colour;
  layout.unicode = *style != CanvasStyle::ascii;
  return layout;
}

Result<SvgLayout> svg_layout(const PlotOptions& options) {
  const auto width = choose_size("--width", options.width, kDefaultPixels, 300, kMostPixels);
  if (!width) return width.error();
  const auto height = choose_size("--height", options.height, kDefaultPixelsHigh, 60, kMostPixels);
  if (!height) return height.error();
  return SvgLayout{*width, *height};
}

Result<void> write_svg(const std::string& svg, const PlotOptions& options, std::ostream& out) {
  if (options.svg_file.empty()) {
    out << svg;
    return {};
  }
  // A path is UTF-8 here on every system.
  const std::filesystem::path path(std::u8string(options.svg_file.begin(), options.svg_file.end()));
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << svg << std::flush;
  if (file) return {};
  const std::error_code why(errno, std::generic_category());
  return Error{"--svg " + options.svg_file + ": cannot be written: " + why.message(),
               why == std::errc::permission_denied ? PICKET_DENIED : PICKET_FAILED};
}

}  // namespace

int plot(const PlotOptions& options, History& history, const Surroundings& surroundings) {
  const bool svg = options.svg_format || !options.svg_file.empty();
  const auto complain = [&](const Error& error) { return say_history_error("plot", error, surroundings.err); };
  const auto text = text_layout(svg ? PlotOptions{} : options, surroundings.terminal);
  if (!text) return complain(text.error());
  const auto picture = svg_layout(svg ? options : PlotOptions{});
  if (!picture) return complain(picture.error());

  Question question = options.question;
  question.points = true;
  question.wanted_points = svg ? picture->width / 2 : static_cast<std::int64_t>(points_across(*text));
  const auto answer = ask(question, history, surroundings);
  if (!answer) return complain(answer.error());
  const int exit_code = say_how_it_went("plot", *answer, surroundings.err);
  if (answer->rows.empty()) return exit_code;
  const PlotModel model = make_plot_model(*answer, options.band);
  if (model.panels.empty()) {
    surroundings.err << "picket plot: none of the values is a number that can be drawn\n";
    return kExitNotWell;
  }
  if (!svg) {
    print_plot(model, *text, surroundings.out);
    return exit_code;
  }
  if (const auto written = write_svg(svg_of(model, *picture), options, surroundings.out); !written) {
    return complain(written.error());
  }
  return exit_code;
}

}  // namespace picket::commands

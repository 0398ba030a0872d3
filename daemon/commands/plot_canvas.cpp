// SPDX-License-Identifier: Apache-2.0
#include "commands/plot_canvas.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace picket::commands {
namespace {

constexpr std::array<const char*, 8> kMarks = {"\u25cf", "\u25cb", "\u25b2", "\u25b3",
                                               "\u25a0", "\u25a1", "\u25c6", "\u25c7"};
constexpr std::array<const char*, 8> kAsciiMarks = {"*", "o", "+", "x", "#", "@", "%", "&"};

// Unicode, block "Braille Patterns": U+2800 plus a bit for each dot; these are the bits by column and row.
constexpr unsigned kBrailleBits[2][4] = {{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}};

std::string braille(unsigned bits) {
  std::string text = "\xe2\xa0\x80";  // U+2800 in UTF-8
  text[1] = static_cast<char>(0xa0U | bits >> 6U);
  text[2] = static_cast<char>(0x80U | (bits & 0x3fU));
  return text;
}

std::string half_block(unsigned bits) {
  if (bits == 3) return "\u2588";
  return bits == 1 ? "\u2580" : "\u2584";
}

std::string mark(CanvasStyle style, Layer layer, std::size_t line) {
  const bool ascii = style == CanvasStyle::ascii;
  if (layer == Layer::band) return ascii ? ":" : "\u2591";
  if (layer == Layer::earlier) return ascii ? "." : "\u00b7";
  return (ascii ? kAsciiMarks : kMarks)[line % kMarks.size()];
}

}  // namespace

Canvas::Canvas(CanvasStyle style, std::size_t columns, std::size_t rows)
    : style_(style),
      columns_(columns),
      rows_(rows),
      across_(style == CanvasStyle::braille ? 2 : 1),
      down_(style == CanvasStyle::braille ? 4 : (style == CanvasStyle::block ? 2 : 1)),
      cells_(columns * rows) {}

void Canvas::dot(std::ptrdiff_t x, std::ptrdiff_t y, Layer layer, std::size_t line) {
  if (x < 0 || y < 0) return;
  const auto right = static_cast<std::size_t>(x);
  const auto down = static_cast<std::size_t>(y);
  if (right >= dots_across() || down >= dots_down()) return;
  Dots& cell = cells_[down / down_ * columns_ + right / across_];
  if (layer < cell.layer) return;
  if (layer > cell.layer) cell.bits = 0;
  cell.layer = layer;
  cell.line = line;
  cell.bits |= style_ == CanvasStyle::braille ? kBrailleBits[right % 2][down % 4] : 1U << (down % down_);
}

void Canvas::draw(std::ptrdiff_t from_x, std::ptrdiff_t from_y, std::ptrdiff_t to_x, std::ptrdiff_t to_y, Layer layer,
                  std::size_t line) {
  const std::ptrdiff_t across = to_x - from_x;
  const std::ptrdiff_t down = to_y - from_y;
  const std::ptrdiff_t steps = std::max({std::abs(across), std::abs(down), std::ptrdiff_t{1}});
  for (std::ptrdiff_t i = 0; i <= steps; ++i) {
    // Rounded to the nearest dot.
    const std::ptrdiff_t x = from_x + (2 * across * i + (across < 0 ? -steps : steps)) / (2 * steps);
    const std::ptrdiff_t y = from_y + (2 * down * i + (down < 0 ? -steps : steps)) / (2 * steps);
    if (layer == Layer::earlier && style_ != CanvasStyle::marks && style_ != CanvasStyle::ascii && (x + y) % 2 != 0) {
      continue;
    }
    dot(x, y, layer, line);
  }
}

Canvas::Cell Canvas::cell(std::size_t column, std::size_t row) const {
  const Dots& dots = cells_[row * columns_ + column];
  if (dots.layer == Layer::none) return {};
  switch (style_) {
    case CanvasStyle::braille:
      return {braille(dots.bits), dots.layer, dots.line};
    case CanvasStyle::block:
      return {dots.layer == Layer::band ? "\u2591" : half_block(dots.bits), dots.layer, dots.line};
    case CanvasStyle::marks:
    case CanvasStyle::ascii:
      break;
  }
  return {mark(style_, dots.layer, dots.line), dots.layer, dots.line};
}

std::string Canvas::sample(CanvasStyle style, Layer layer, std::size_t line) {
  if (style == CanvasStyle::braille) return layer == Layer::earlier ? "\u2802\u2802" : "\u2812\u2812";
  if (style == CanvasStyle::block) return layer == Layer::earlier ? "\u2580 " : "\u2580\u2580";
  return mark(style, layer, line);
}

}  // namespace picket::commands

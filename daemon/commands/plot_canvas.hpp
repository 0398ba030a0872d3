// SPDX-License-Identifier: Apache-2.0
//
// A drawing made of characters: each cell of the terminal holds some dots, and has one colour. Single thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace picket::commands {

enum class CanvasStyle {
  braille,  // 2 x 4 dots in a cell
  block,    // 1 x 2: half blocks, which the Linux console has, too
  marks,    // 1 x 1: a mark of each line's own, where there are no colours to tell them apart
  ascii     // the same in ASCII
};

// What a dot belongs to. A cell shows only its highest layer.
enum class Layer { none, band, earlier, line };

class Canvas {
 public:
  struct Cell {
    std::string glyph = " ";
    Layer layer = Layer::none;
    std::size_t line = 0;
  };

  Canvas(CanvasStyle style, std::size_t columns, std::size_t rows);

  // Dots; the origin is at the top left.
  std::size_t dots_across() const { return columns_ * across_; }
  std::size_t dots_down() const { return rows_ * down_; }

  // Outside of the drawing nothing happens.
  void dot(std::ptrdiff_t x, std::ptrdiff_t y, Layer layer, std::size_t line);
  // Both ends included. Earlier lines are dotted.
  void draw(std::ptrdiff_t from_x, std::ptrdiff_t from_y, std::ptrdiff_t to_x, std::ptrdiff_t to_y, Layer layer,
            std::size_t line);

  Cell cell(std::size_t column, std::size_t row) const;

  // How a legend shows line number `line`.
  static std::string sample(CanvasStyle style, Layer layer, std::size_t line);

 private:
  struct Dots {
    unsigned bits = 0;
    Layer layer = Layer::none;
    std::size_t line = 0;
  };

  CanvasStyle style_;
  std::size_t columns_, rows_;
  std::size_t across_, down_;  // dots in a cell
  std::vector<Dots> cells_;
};

}  // namespace picket::commands

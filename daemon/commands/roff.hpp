// SPDX-License-Identifier: Apache-2.0
//
// Writes man(7): escapes what its language would take for its own. One page each; single thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace picket::commands {

// Text for within a line: backslashes, hyphens and quotes as themselves, nothing beyond ASCII.
std::string roff_text(std::string_view text);

class Roff {
 public:
  // `name` as it stands in its header, "PICKET-RUN".
  Roff(std::string_view name, int section, std::string_view date, std::string_view version);

  void section(std::string_view heading);
  void subsection(std::string_view heading);
  // Lines are filled; a line break in `words` begins a new paragraph.
  void paragraph(std::string_view words);
  // A term with what it means, indented below it.
  void item(std::string_view bold, std::string_view plain, std::string_view meaning);
  // Kept as it is, one line below the other.
  void literal(std::string_view lines);
  // The same words in bold, then plain: a synopsis.
  void synopsis(std::string_view bold, std::string_view plain);

  std::string take() { return std::move(text_); }

 private:
  void begin_paragraph();
  void words(std::string_view words);

  std::string text_;
  bool after_heading_ = false;
};

}  // namespace picket::commands

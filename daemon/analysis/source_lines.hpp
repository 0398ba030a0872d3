// SPDX-License-Identifier: Apache-2.0
//
// The lines of configuration files, read once more for messages that are made after loading, when only the model is
// left. Best effort: a file that changed or is gone gives empty lines. One thread.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "config/model.hpp"

namespace picket::analysis {

class SourceLines {
 public:
  // Empty when there is no such file or line.
  std::string line(const config::Location& where);

  // The place of byte `offset` of the text of a scalar that begins at `where`: exact when the file says the text as it
  // is on one line, else `where` itself.
  config::Location place_in(const config::Location& where, std::string_view text, std::size_t offset);

  // Whether places can be found in the text of the scalar at `where`.
  bool says(const config::Location& where, std::string_view text);

 private:
  // The byte in the line at which the text begins; npos when the line does not say it.
  static std::size_t find_text(const std::string& line, int column, std::string_view text);

  std::map<std::string, std::string> files_;
};

}  // namespace picket::analysis

// SPDX-License-Identifier: Apache-2.0
//
// The text of one configuration file, and the way from a byte in it to file:line:column and to the line itself. Used
// by everything in this folder that reports; immutable after construction, so any thread may read it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.hpp"
#include "config/model.hpp"

namespace picket::config {

class Source {
 public:
  static constexpr std::size_t kMaxBytes = 4U << 20U;  // of one file

  // `name` is what messages call the file. A byte order mark of UTF-8 at the start is dropped.
  Source(std::string name, std::string text);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }

  // Line and column of a byte, both from 1; columns count characters (code points). Offsets past the end mean the end.
  Location locate(std::size_t offset) const;

  // Byte offset of the start of a line that counts from 1; past the end gives the size of the text.
  std::size_t line_start(int line) const;

  // The line without its line break; empty when there is no such line.
  std::string_view line(int line) const;

 private:
  std::string name_;
  std::string text_;
  std::vector<std::size_t> starts_;  // of each line
};

// One byte of one source. The source must outlive it; `source` is null for what was said nowhere (a default).
struct Place {
  const Source* source = nullptr;
  std::size_t offset = 0;
};

// How many bytes at the start of `text` are well-formed UTF-8; all of them when the text is.
std::size_t valid_utf8_prefix(std::string_view text);

// The location of a place; an empty one for no place.
Location locate(const Place& place);

// A path as UTF-8 and back: the same on both systems.
std::string path_to_utf8(const std::filesystem::path& path);
std::filesystem::path path_from_utf8(std::string_view text);

// Reads a whole regular file; a message without position goes to `diagnostics` when that fails (missing, a directory,
// too large, not UTF-8, control characters), and null is returned.
std::unique_ptr<Source> read_source(const std::filesystem::path& path, Diagnostics& diagnostics);

// Reports the first byte that YAML text may not hold (UTF-16, invalid UTF-8, control characters). False when it did.
bool check_text(const Source& source, Diagnostics& diagnostics);

// Adds a message with the position and the line. `show_line` is false where the line may hold a secret.
void report(Diagnostics& diagnostics, Severity severity, const Place& place, std::string message,
            bool show_line = true);

}  // namespace picket::config

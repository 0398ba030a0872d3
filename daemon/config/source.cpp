// SPDX-License-Identifier: Apache-2.0
#include "config/source.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <utility>

namespace picket::config {
namespace {

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// Length of the well-formed UTF-8 sequence at the start of `text` (Unicode 15, table 3-7), 0 when there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F)) return 0;  // overlong; surrogates
  if ((first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F)) return 0;  // overlong; past U+10FFFF
  return length;
}

}  // namespace

Source::Source(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.erase(0, 3);
  starts_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') starts_.push_back(i + 1);
  }
}

Location Source::locate(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
  const std::size_t start = *std::prev(next);
  const auto characters = std::count_if(text_.begin() + static_cast<std::ptrdiff_t>(start),
                                        text_.begin() + static_cast<std::ptrdiff_t>(offset),
                                        [](char byte) { return !is_continuation(byte); });
  return {name_, static_cast<int>(next - starts_.begin()), static_cast<int>(characters) + 1};
}

std::size_t Source::line_start(int line) const {
  const auto index = static_cast<std::size_t>(std::max(line, 1) - 1);
  return index < starts_.size() ? starts_[index] : text_.size();
}

std::string_view Source::line(int line) const {
  if (line < 1) return {};
  const std::size_t start = line_start(line);
  std::string_view rest = std::string_view(text_).substr(start);
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

std::size_t valid_utf8_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = utf8_length(text.substr(at));
    if (length == 0) break;
    at += length;
  }
  return at;
}

Location locate(const Place& place) {
  return place.source == nullptr ? Location{} : place.source->locate(place.offset);
}

std::string path_to_utf8(const std::filesystem::path& path) {
  const std::u8string text = path.u8string();
  return {text.begin(), text.end()};
}

std::filesystem::path path_from_utf8(std::string_view text) {
  return {std::u8string(text.begin(), text.end())};
}

std::unique_ptr<Source> read_source(const std::filesystem::path& path, Diagnostics& diagnostics) {
  const std::string name = path_to_utf8(path);
  const auto fail = [&](std::string message) {
    diagnostics.add({Severity::error, {name, 0, 0}, std::move(message), {}});
    return nullptr;
  };
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    return fail("there is no such file; say where it is with --config");
  }
  if (error) return fail("cannot be read: " + error.message());
  if (status.type() != std::filesystem::file_type::regular) return fail("is not a regular file");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return fail("cannot be opened for reading; check its permissions");
  std::string text(Source::kMaxBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return fail("cannot be read to its end");
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > Source::kMaxBytes) return fail("is larger than 4 MiB; split it into conf.d/*.yaml");
  auto source = std::make_unique<Source>(name, std::move(text));
  if (!check_text(*source, diagnostics)) return nullptr;
  return source;
}

bool check_text(const Source& source, Diagnostics& diagnostics) {
  const std::string_view text = source.text();
  if (text.starts_with("\xFE\xFF") || text.starts_with("\xFF\xFE")) {
    report(diagnostics, Severity::error, {&source, 0}, "the file is UTF-16; save it as UTF-8", false);
    return false;
  }
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    const auto byte = static_cast<unsigned char>(text[i]);
    char shown[8];
    static_cast<void>(std::snprintf(shown, sizeof shown, "0x%02X", byte));
    if (length == 0) {
      report(diagnostics, Severity::error, {&source, i},
             std::string("the byte ") + shown + " is not valid UTF-8; save the file as UTF-8", false);
      return false;
    }
    const bool allowed = byte >= 0x20 ? byte != 0x7F : byte == '\t' || byte == '\n' || byte == '\r';
    if (!allowed) {
      report(diagnostics, Severity::error, {&source, i},
             std::string("the control character ") + shown + R"( is not allowed; in double quotes write "\x..")",
             false);
      return false;
    }
    i += length;
  }
  return true;
}

void report(Diagnostics& diagnostics, Severity severity, const Place& place, std::string message, bool show_line) {
  Diagnostic item{severity, {}, std::move(message), {}};
  if (place.source != nullptr && !diagnostics.full()) {
    item.where = place.source->locate(place.offset);
    if (show_line) item.line = place.source->line(item.where.line);
  }
  diagnostics.add(std::move(item));
}

}  // namespace picket::config

// SPDX-License-Identifier: Apache-2.0
#include "commands/roff.hpp"

#include <sstream>

namespace picket::commands {
namespace {

// A line that begins with a dot or a quote would be a request.
std::string roff_line(std::string_view line) {
  std::string text = roff_text(line);
  if (text.starts_with('.') || text.starts_with("\\(aq")) text.insert(0, "\\&");
  return text;
}

}  // namespace

std::string roff_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '\'') {
      out += "\\(aq";
    } else if (c == '`') {
      out += "\\(ga";
    } else if (c == '^') {
      out += "\\(ha";
    } else if (c == '~') {
      out += "\\(ti";
    } else if (c == '"') {
      out += "\\(dq";
    } else if (static_cast<unsigned char>(c) < 0x80U) {
      out += c;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      out += '?';
    }
  }
  return out;
}

Roff::Roff(std::string_view name, int section, std::string_view date, std::string_view version) {
  text_ = ".\\\" Made by `picket man`; changes are lost.\n.TH " + roff_text(name) + " " + std::to_string(section) +
          " " + std::string(date) + " \"Picket " + std::string(version) + "\" \"Picket manual\"\n";
}

void Roff::section(std::string_view heading) {
  text_ += ".SH " + roff_text(heading) + "\n";
  after_heading_ = true;
}

void Roff::subsection(std::string_view heading) {
  text_ += ".SS " + roff_text(heading) + "\n";
  after_heading_ = true;
}

// A heading begins a paragraph by itself.
void Roff::begin_paragraph() {
  if (!after_heading_) text_ += ".PP\n";
  after_heading_ = false;
}

void Roff::words(std::string_view words) {
  std::istringstream lines{std::string(words)};
  bool first = true;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    if (!first) text_ += ".br\n";
    first = false;
    // Sentences begin on lines of their own, so that man spaces them as it does others.
    std::size_t begin = 0;
    for (std::size_t end = line.find(". "); end != std::string::npos; end = line.find(". ", begin)) {
      text_ += roff_line(line.substr(begin, end + 1 - begin)) + "\n";
      begin = end + 2;
    }
    if (begin < line.size()) text_ += roff_line(line.substr(begin)) + "\n";
  }
}

void Roff::paragraph(std::string_view text) {
  begin_paragraph();
  words(text);
}

void Roff::item(std::string_view bold, std::string_view plain, std::string_view meaning) {
  after_heading_ = false;
  text_ += ".TP\n\\fB" + roff_text(bold) + "\\fR" + (plain.empty() ? "" : " \\fI" + roff_text(plain) + "\\fR") + "\n";
  if (meaning.empty()) {
    text_ += "\\&\n";
  } else {
    words(meaning);
  }
}

void Roff::literal(std::string_view lines) {
  begin_paragraph();
  text_ += ".nf\n.RS 4\n";
  std::istringstream all{std::string(lines)};
  for (std::string line; std::getline(all, line);) text_ += (line.empty() ? "\\&" : roff_line(line)) + "\n";
  text_ += ".RE\n.fi\n";
}

void Roff::synopsis(std::string_view bold, std::string_view plain) {
  begin_paragraph();
  text_ += "\\fB" + roff_text(bold) + "\\fR" + (plain.empty() ? "" : " " + roff_text(plain)) + "\n";
}

}  // namespace picket::commands

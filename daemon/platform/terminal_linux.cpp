// SPDX-License-Identifier: Apache-2.0
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "platform/process.hpp"
#include "platform/terminal.hpp"

namespace picket::platform {
namespace {

// As POSIX chooses the locale of characters: the first that is set and not empty.
bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string value = environment(name).value_or("");
    if (value.empty()) continue;
    std::transform(value.begin(), value.end(), value.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

}  // namespace

Terminal describe_terminal() {
  Terminal terminal;
  const auto kind = environment("TERM");
  terminal.unicode = locale_is_utf8();
  terminal.braille = terminal.unicode && kind != "linux";
  terminal.error_interactive = isatty(STDERR_FILENO) != 0 && kind != "dumb";
  terminal.interactive = isatty(STDOUT_FILENO) != 0;
  if (!terminal.interactive) return terminal;
  terminal.colour = environment("NO_COLOR").value_or("").empty() && kind != "dumb";
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
    terminal.columns = size.ws_col;
    terminal.rows = size.ws_row;
  }
  return terminal;
}

void use_binary_output() {}

}  // namespace picket::platform

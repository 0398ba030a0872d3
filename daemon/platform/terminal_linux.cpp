// SPDX-License-Identifier: Apache-2.0
#include <sys/ioctl.h>
#include <unistd.h>

#include "platform/process.hpp"
#include "platform/terminal.hpp"

namespace picket::platform {

Terminal describe_terminal() {
  Terminal terminal;
  terminal.interactive = isatty(STDOUT_FILENO) != 0;
  if (!terminal.interactive) return terminal;
  terminal.colour = environment("NO_COLOR").value_or("").empty() && environment("TERM") != "dumb";
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) terminal.columns = size.ws_col;
  return terminal;
}

void use_binary_output() {}

}  // namespace picket::platform

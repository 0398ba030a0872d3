// SPDX-License-Identifier: Apache-2.0
#include <windows.h>
// After windows.h.
#include <fcntl.h>
#include <io.h>
#include <stdio.h>

#include "platform/process.hpp"
#include "platform/terminal.hpp"

namespace picket::platform {

Terminal describe_terminal() {
  Terminal terminal;
  terminal.unicode = true;  // also what we write to files and pipes
  terminal.braille = true;
  DWORD error_mode = 0;
  const HANDLE error = GetStdHandle(STD_ERROR_HANDLE);
  terminal.error_interactive = GetConsoleMode(error, &error_mode) != 0 &&
                               SetConsoleMode(error, error_mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0;
  const HANDLE output = GetStdHandle(STD_OUTPUT_HANDLE);
  DWORD mode = 0;
  terminal.interactive = GetConsoleMode(output, &mode) != 0;
  if (!terminal.interactive) return terminal;
  SetConsoleOutputCP(CP_UTF8);
  terminal.colour = environment("NO_COLOR").value_or("").empty() &&
                    SetConsoleMode(output, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0;
  CONSOLE_SCREEN_BUFFER_INFO screen{};
  if (GetConsoleScreenBufferInfo(output, &screen)) {
    terminal.columns = screen.srWindow.Right - screen.srWindow.Left + 1;
    terminal.rows = screen.srWindow.Bottom - screen.srWindow.Top + 1;
  }
  return terminal;
}

void use_binary_output() {
  _setmode(_fileno(stdout), _O_BINARY);
  _setmode(_fileno(stderr), _O_BINARY);
}

}  // namespace picket::platform

// SPDX-License-Identifier: Apache-2.0
//
// Whether people read what we print, how large their window is and what it can show. Used by the verbs, from main's
// thread.
#pragma once

namespace picket::platform {

struct Terminal {
  bool interactive = false;  // standard output is a terminal
  bool colour = false;       // and wants colour: NO_COLOR is unset (see no-color.org) and TERM is not "dumb"
  int columns = 0;           // 0: no limit
  int rows = 0;              // 0: no limit
  bool unicode = false;      // standard output takes UTF-8: the locale's (LC_ALL, LC_CTYPE, LANG) or the console's
  bool braille = false;      // and its font has the less usual characters; the Linux console's has not
  bool error_interactive = false;  // standard error is a terminal that understands escape sequences
};

// Of standard output and error. On Windows this also switches the console to UTF-8 and to escape sequences.
Terminal describe_terminal();

// Standard output then carries bytes as they are: without this, Windows turns every \n into \r\n.
void use_binary_output();

}  // namespace picket::platform

// SPDX-License-Identifier: Apache-2.0
//
// Whether people read what we print, and how wide their window is. Used by the verbs, from main's thread.
#pragma once

namespace picket::platform {

struct Terminal {
  bool interactive = false;  // standard output is a terminal
  bool colour = false;       // and wants colour: NO_COLOR is unset (see no-color.org) and TERM is not "dumb"
  int columns = 0;           // 0: no limit
};

// Of standard output. On Windows this also switches the console to UTF-8 and to escape sequences.
Terminal describe_terminal();

// Standard output then carries bytes as they are: without this, Windows turns every \n into \r\n.
void use_binary_output();

}  // namespace picket::platform

// SPDX-License-Identifier: Apache-2.0
//
// The verb `recorder`: reads the files of the flight recorder, with or without a daemon.
#pragma once

#include <iosfwd>
#include <string>

namespace picket::commands {

struct RecorderShowOptions {
  std::string file;
  std::string only;  // "events", "decisions", "log"; empty: everything
};

// Prints a crash record or a file of JSON lines as JSON lines. What is wrong with it goes to `err`; exit code 1 when
// something of it is missing, 69 when there is no such file or it is none of the recorder's.
int show_record(const RecorderShowOptions& options, std::ostream& out, std::ostream& err);

}  // namespace picket::commands

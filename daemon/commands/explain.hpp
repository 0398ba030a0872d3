// SPDX-License-Identifier: Apache-2.0
//
// `picket explain`: for an event, what each route says to it and why, what its steps make of it, and where it ends;
// without an event, what can be said of the configuration by itself. No plugin is started and no daemon asked.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "commands/configuration.hpp"
#include "commands/surroundings.hpp"

namespace picket::commands {

struct ExplainOptions {
  ConfigOptions config;
  std::vector<std::string> events;  // --event: JSON texts
  std::string file;                 // of events; "-" is standard input; empty: none
  std::string from;                 // INSTANCE or INSTANCE.PORT; empty: each event's source
  std::string route = "*";          // glob
  std::string advance;              // a duration that passes after the last event; empty: none
  bool finish = false;              // then steps hand on what they hold
  bool json = false;
};

// `in` is standard input. Exit code 1 when there is a finding about the configuration.
int explain(const ExplainOptions& options, std::istream& in, const Surroundings& surroundings);
// The part after reading.
int explain(const Configuration& configuration, const ExplainOptions& options, std::istream& in,
            const Surroundings& surroundings);

// Takes the next JSON object, on one line or several, off `in`; lines that begin with {"record" are the flight
// recorder's own and passed over. `line` (from 1) is where it begins, and is kept from call to call. Nothing at the
// end; a text that is no object, or over 1 MiB, is given as far as it goes, for the reader of events to refuse.
std::optional<std::string> next_event_text(std::istream& in, std::size_t& line, std::size_t& begin);

}  // namespace picket::commands

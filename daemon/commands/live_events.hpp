// SPDX-License-Identifier: Apache-2.0
//
// `picket tap` and `picket send`: events out of a running daemon, and into it. Single thread.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "commands/client.hpp"

namespace picket::commands {

struct TapOptions {
  ClientOptions client;
  std::vector<std::string> from;  // instances; none: every one
  std::string where;              // an expression; empty: every event
  std::int64_t count = 0;         // events; 0: until interrupted
  std::string format = "text";    // text or json
};

// What was lost because this reader was slow is said on err, at its place.
int tap(const TapOptions& options, Client& client, const Surroundings& surroundings);

// One line for people: time, severity, source, kind, name and value, message, then key=value.
std::string event_line(const ClientJson& event);

struct SendOptions {
  ClientOptions client;
  std::vector<std::string> words;  // name=value
  bool lines = false;              // each line of the input is the message of an event
  bool ndjson = false;             // each line of the input is an event
  bool ack = false;                // wait until every destination has finished with them
  std::string timeout = "30s";     // of each answer
};

int send(const SendOptions& options, Client& client, std::istream& in, const Surroundings& surroundings);

// The event that words of a command line describe; an error names the word.
Answered<ClientJson> event_of_words(const std::vector<std::string>& words);

}  // namespace picket::commands

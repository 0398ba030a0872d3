// SPDX-License-Identifier: Apache-2.0
//
// `picket status` and `picket top`: how a running daemon is, once or over and over. Single thread.
#pragma once

#include <string>

#include "commands/client.hpp"

namespace picket::commands {

struct StatusOptions {
  ClientOptions client;
  bool json = false;
};

// kExitNotWell when an instance does not run or is not good, or the last reload was refused.
int status(const StatusOptions& options, Client& client, const Surroundings& surroundings);

struct TopOptions {
  ClientOptions client;
  std::string interval = "1s";
  std::int64_t count = 0;  // rounds; 0: until interrupted
  bool json = false;       // an object a round and line
};

// Rates between two rounds. On a terminal it redraws in place, else it prints round after round. `wait` passes the
// time between two rounds.
int top(const TopOptions& options, Client& client, const Surroundings& surroundings,
        const std::function<void(std::int64_t ns)>& wait);

// What is not well in the answer of the command `status`, one sentence each; nothing when all is well.
std::vector<std::string> problems_of_status(const ClientJson& status);

}  // namespace picket::commands

// SPDX-License-Identifier: Apache-2.0
//
// `picket jobs`: the programs of a process_supervisor in a running daemon. Single thread.
#pragma once

#include <string>
#include <vector>

#include "commands/client.hpp"

namespace CLI {
class App;
}

namespace picket::commands {

// Adds `picket jobs` and its verbs to the command line.
void add_jobs(CLI::App& app, Verb& chosen);

struct JobsOptions {
  ClientOptions client;
  std::string instance;               // of the supervisor; empty: the only one that there is
  std::vector<std::string> programs;  // programs, instances of one, groups, or all
  bool json = false;

  std::string reason;  // of stop and restart
  bool drain = false, now = false, no_wait = false;
  std::string timeout = "2m";  // to wait

  std::string signal;
  bool tree = false;

  std::int64_t lines = 50;  // of logs
  bool follow = false;
};

// kExitNotWell when a program is failed, degraded or fails again and again, or its settings are wrong.
int jobs_status(const JobsOptions& options, Client& client, const Surroundings& surroundings);

// `command`: start, stop or restart. Waits until it is done, unless no_wait; kExitNotWell when it is not.
int jobs_change(const std::string& command, const JobsOptions& options, Client& client,
                const Surroundings& surroundings);

int jobs_signal(const JobsOptions& options, Client& client, const Surroundings& surroundings);
int jobs_logs(const JobsOptions& options, Client& client, const Surroundings& surroundings);
int jobs_why(const JobsOptions& options, Client& client, const Surroundings& surroundings);

}  // namespace picket::commands

// SPDX-License-Identifier: Apache-2.0
//
// `picket call`, `reload`, `confirm`, `stop` and `counters`: commands of a running daemon and its instances. Single
// thread.
#pragma once

#include <string>
#include <vector>

#include "commands/client.hpp"

namespace picket::commands {

struct CallOptions {
  ClientOptions client;
  std::string instance, command;
  std::vector<std::string> words;  // name=value
  std::string args;                // --args: a JSON object
  std::string timeout = "30s";
  bool list = false;  // what there is to call, of `instance` if it is given
  bool json = false;  // of the list
};

int call(const CallOptions& options, Client& client, const Surroundings& surroundings);

struct ReloadOptions {
  ClientOptions client;
  std::string confirm;  // a duration; empty: for good
  std::string timeout = "5m";
};

int reload(const ReloadOptions& options, Client& client, const Surroundings& surroundings);
int confirm(Client& client, const Surroundings& surroundings);

struct StopOptions {
  ClientOptions client;
  std::string timeout = "1m";  // to wait for its end; 0: not at all
};

int stop(const StopOptions& options, Client& client, const Surroundings& surroundings);

struct CountersOptions {
  ClientOptions client;
  bool openmetrics = false;
  bool json = false;
};

int counters(const CountersOptions& options, Client& client, const Surroundings& surroundings);

}  // namespace picket::commands

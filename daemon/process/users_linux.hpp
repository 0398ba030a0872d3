// SPDX-License-Identifier: Apache-2.0
//
// Names of users and groups to numbers, as the system's databases have them (which may ask the network: never in the
// holder). Any thread; may block.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "process/model.hpp"

namespace picket::process {

struct Person {
  std::string user, group;          // names or numbers; empty: the daemon's, the user's main group
  std::vector<std::string> groups;  // supplementary ones
  bool only_group = false;          // no others than these
};

struct PersonFailure {
  const char* step = nullptr;  // "user", "group", "groups"; null: none
  int error = 0;
  std::string name;
};

// Fills uid, gid and groups of `order`. Without a user and a group nothing changes.
PersonFailure resolve(const Person& person, Start& order);

}  // namespace picket::process

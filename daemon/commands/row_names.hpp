// SPDX-License-Identifier: Apache-2.0
//
// What to call the rows of an answer: what they have in common is said once, each is named by what tells it apart.
// Single thread.
#pragma once

#include <string>
#include <vector>

#include "commands/answer.hpp"

namespace picket::commands {

struct RowNames {
  // Which of host and source tell the rows apart at all.
  bool host = false, source = false;
  // "system.network.io direction=receive by device", "system.memory.*"; may be empty
  std::string common;
  // Of each row, beside `common`: "eth0" where one label alone tells them apart, else "device=eth0 direction=receive",
  // behind the rest of the name if names differ. A single row is called by all it has.
  std::vector<std::string> labels;

  explicit RowNames(const std::vector<const Row*>& rows);
};

std::vector<const Row*> pointers_to(const std::vector<Row>& rows);

}  // namespace picket::commands

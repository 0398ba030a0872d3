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
  std::string common;               // "system.network.io direction=receive"; may be empty
  std::vector<std::string> labels;  // of each row; a single row is called by its name

  explicit RowNames(const std::vector<const Row*>& rows);
};

std::vector<const Row*> pointers_to(const std::vector<Row>& rows);

}  // namespace picket::commands

// SPDX-License-Identifier: Apache-2.0
//
// A place in a configuration file. Plain data.
#pragma once

#include <string>

namespace picket::config {

// Where something was said. Lines and columns count from 1; 0 when it was said nowhere (a default).
struct Location {
  std::string file;
  int line = 0;
  int column = 0;
};

}  // namespace picket::config

// SPDX-License-Identifier: Apache-2.0
//
// `picket graph`: the configuration as a picture, with what stands out in it marked. The drawing is in analysis/.
#pragma once

#include <string>

#include "commands/configuration.hpp"
#include "commands/surroundings.hpp"

namespace picket::commands {

struct GraphVerbOptions {
  ConfigOptions config;
  std::string format;  // "text", "dot", "mermaid", "svg"; empty: by the name of `output`, else text
  std::string output;  // a file; empty: standard output
  bool ascii = false;  // text without line-drawing characters
};

int graph(const GraphVerbOptions& options, const Surroundings& surroundings);

}  // namespace picket::commands

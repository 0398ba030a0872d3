// SPDX-License-Identifier: Apache-2.0
//
// The program `picket`: its command line names a verb, the verb does the rest.
#include <iostream>

#include "commands/command_line.hpp"
#include "platform/process.hpp"

int main(int argc, char** argv) {
  using namespace picket;
  platform::use_binary_output();
  const commands::Surroundings surroundings{std::cout,
                                            std::cerr,
                                            platform::describe_terminal(),
                                            platform::environment,
                                            platform::system_clock(),
                                            platform::system_zone()};
  return commands::run_command_line(platform::arguments(argc, argv), surroundings);
}

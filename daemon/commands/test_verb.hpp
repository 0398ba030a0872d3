// SPDX-License-Identifier: Apache-2.0
//
// `picket test`: runs the `tests:` of the configuration on its routes, under a virtual clock, without a plugin.
#pragma once

#include <string>
#include <vector>

#include "commands/configuration.hpp"

namespace picket::commands {

struct TestOptions {
  ConfigOptions config;
  std::vector<std::string> names;  // globs; none: all tests
  std::string junit;               // a file for JUnit's XML, or `-`; empty: none
  bool json = false;               // JSON instead of text
  bool verbose = false;            // says what happened in tests that passed, too
};

int run_tests(const TestOptions& options, const Surroundings& surroundings);

// Adds what keeps a test from being run, such as a file of captured events that is not there, to the findings.
void check_test_files(Configuration& configuration);

}  // namespace picket::commands

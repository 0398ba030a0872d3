// SPDX-License-Identifier: Apache-2.0
//
// The manual, in man(7)'s language, made from the texts that --help and the schemas are made of: one page for the
// program, one for each verb, picket.yaml(5), and one for the settings of each plugin. Pure functions, any thread.
#pragma once

#include <string>
#include <vector>

#include "commands/cli_model.hpp"
#include "config/file_schema.hpp"
#include "picket/result.hpp"

namespace picket::commands {

struct ManPage {
  std::string file;  // "picket-run.1"
  std::string text;
};

struct ManInput {
  CliVerb root;
  std::vector<config::NamedSchema> plugins;
  std::vector<config::NamedSchema> steps;
  std::string version;  // "0.1.0"
  std::string date;     // "2026-11-30"
};

// In order of name of the file. Fails when a schema cannot be used.
Result<std::vector<ManPage>> man_pages(const ManInput& input);

}  // namespace picket::commands

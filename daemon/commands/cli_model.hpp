// SPDX-License-Identifier: Apache-2.0
//
// The command line as data: what the parser knows of verbs and options, for what is made from it (completion scripts,
// manual pages). Plain values, any thread.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace picket::commands {

struct CliOption {
  enum class Value { none, text, file, directory };

  std::vector<std::string> names;    // "-c", "--config"; empty for a positional argument
  std::string value;                 // what the value is called, "PATH"; empty for a flag
  std::string description;           // one sentence without its full stop
  std::string environment;           // the variable that gives it too; empty for none
  std::string fallback;              // the default that the parser knows; empty for none
  std::vector<std::string> choices;  // all that is allowed; empty: anything
  Value kind = Value::none;
  bool required = false;
  bool repeatable = false;
};

struct CliVerb {
  std::string name;  // "list"
  std::string path;  // "picket plugins list"
  std::string summary;
  std::vector<std::string> examples;    // command lines
  std::vector<std::string> exit_codes;  // "1   nothing was found"
  std::vector<CliOption> options;       // without --help, which every verb has
  std::vector<CliOption> positionals;
  std::vector<CliVerb> verbs;  // hidden ones are left out
};

CliVerb describe_command_line(const CLI::App& app);

// All verbs that do something by themselves (that have none below), in order, `root` itself never.
std::vector<const CliVerb*> leaf_verbs(const CliVerb& root);

}  // namespace picket::commands

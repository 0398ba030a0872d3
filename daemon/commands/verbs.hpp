// SPDX-License-Identifier: Apache-2.0
//
// How a verb adds itself to the command line. Included by command_line.cpp and the file of each verb, and by nothing
// else: CLI11 is heavy.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "commands/surroundings.hpp"

namespace picket::commands {

struct VerbText {
  const char* name;
  const char* summary;                  // one line
  std::vector<const char*> examples;    // each a command line
  std::vector<const char*> exit_codes;  // those it uses, "1   nothing was found"; 0, 64 and 70 go without saying
};

// Adds a verb below `parent`. `make` turns the parsed options into the work; it runs after the whole command line has
// been parsed, and only for the verb that was chosen.
CLI::App* add_verb(CLI::App& parent, const VerbText& text, Verb& chosen, std::function<Verb()> make);

// Each verb's own part, in its own file: declares its options and says what to run.
// Hidden, and without the parser: `picket hold-processes`, of whole command lines.
int hold_processes(const std::vector<std::string>& arguments, const Surroundings& surroundings);
void add_completion(CLI::App& app, Verb& chosen);
void add_db(CLI::App& app, Verb& chosen);
void add_explain(CLI::App& app, Verb& chosen);
void add_graph(CLI::App& app, Verb& chosen);
void add_man(CLI::App& app, Verb& chosen);
void add_once(CLI::App& app, Verb& chosen);
void add_plan(CLI::App& app, Verb& chosen);
void add_plot(CLI::App& app, Verb& chosen);
void add_plugins(CLI::App& app, Verb& chosen);
// Below `picket plugins`.
void add_plugins_check(CLI::App& plugins, Verb& chosen);
void add_query(CLI::App& app, Verb& chosen);
void add_schema(CLI::App& app, Verb& chosen);
void add_spool(CLI::App& app, Verb& chosen);
void add_steps(CLI::App& app, Verb& chosen);
void add_recorder(CLI::App& app, Verb& chosen);
void add_test(CLI::App& app, Verb& chosen);
void add_run(CLI::App& app, Verb& chosen);
void add_validate(CLI::App& app, Verb& chosen);
void add_call(CLI::App& app, Verb& chosen);
void add_counters(CLI::App& app, Verb& chosen);
void add_reload(CLI::App& app, Verb& chosen);
void add_send(CLI::App& app, Verb& chosen);
void add_status(CLI::App& app, Verb& chosen);
void add_stop(CLI::App& app, Verb& chosen);
void add_tap(CLI::App& app, Verb& chosen);
void add_top(CLI::App& app, Verb& chosen);
void add_version(CLI::App& app, Verb& chosen);

}  // namespace picket::commands

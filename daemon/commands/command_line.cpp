// SPDX-License-Identifier: Apache-2.0
#include "commands/command_line.hpp"

#include <algorithm>
#include <cctype>

#include "commands/exit_codes.hpp"
#include "commands/live_jobs.hpp"
#include "commands/verbs.hpp"
#include "config/suggest.hpp"
#include "service/printable.hpp"

namespace picket::commands {
namespace {

// Every option can also come from the environment: --plugin-path from PICKET_PLUGIN_PATH.
void add_environment_twins(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty() || option == app.get_help_ptr() || !option->get_envname().empty()) continue;
    std::string name = "PICKET_" + option->get_lnames().front();
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return c == '-' ? '_' : static_cast<char>(std::toupper(c)); });
    option->envname(name);
  }
  for (CLI::App* verb : app.get_subcommands(nullptr)) add_environment_twins(*verb);
}

// "picket plugins list", as far as the words named verbs.
std::string path_of_parsed(const CLI::App& app) {
  std::string path = app.get_name();
  const CLI::App* here = &app;
  while (!here->get_subcommands().empty()) {
    here = here->get_subcommands().front();
    path += " " + here->get_name();
  }
  return path;
}

// What is wrong with the words that should name a verb; empty when they do. The parser would only say that it wants
// one.
struct UnknownVerb {
  std::string below;  // `picket`, `picket spool`
  std::string problem;
};

UnknownVerb unknown_verb(const CLI::App& app, const std::vector<std::string>& arguments) {
  const CLI::App* here = &app;
  std::string path = app.get_name();
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    std::vector<std::string> names;
    const CLI::App* next = nullptr;
    for (const CLI::App* verb : here->get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(verb->get_name());
      if (verb->get_name() == arguments[i]) next = verb;
    }
    if (names.empty() || arguments[i].empty() || arguments[i].front() == '-') return {};
    if (next == nullptr) {
      return {path,
              "there is no verb `" + service::printable(arguments[i]) + "`" + config::suggestion(arguments[i], names)};
    }
    here = next;
    path += " " + next->get_name();
  }
  return {};
}

}  // namespace

CLI::App* add_verb(CLI::App& parent, const VerbText& text, Verb& chosen, std::function<Verb()> make) {
  CLI::App* const verb = parent.add_subcommand(text.name, text.summary);
  std::string footer = "\nExamples:\n";
  for (const char* example : text.examples) footer += std::string("  ") + example + "\n";
  footer += "\nExit codes:\n  0   done\n";
  for (const char* code : text.exit_codes) footer += std::string("  ") + code + "\n";
  footer += "  64  wrong use\n  70  internal error";
  verb->footer(footer);
  verb->final_callback([&chosen, make = std::move(make)] { chosen = make(); });
  return verb;
}

int run_command_line(const std::vector<std::string>& arguments, const Surroundings& surroundings) {
  // Not for hands, and to stay small: before anything else is made.
  if (arguments.size() > 1 && arguments[1] == "hold-processes") return hold_processes(arguments, surroundings);
  CLI::App app("Picket watches this machine: counters, events and processes on one bus.", "picket");
  app.require_subcommand(1);
  app.footer("\n`picket VERB --help` explains a verb, with examples. Each option can be given in the environment too.");
  Verb chosen;
  add_run(app, chosen);
  add_once(app, chosen);
  add_plan(app, chosen);
  add_plot(app, chosen);
  add_plugins(app, chosen);
  add_query(app, chosen);
  add_db(app, chosen);
  add_recorder(app, chosen);
  add_spool(app, chosen);
  add_steps(app, chosen);
  add_explain(app, chosen);
  add_graph(app, chosen);
  add_test(app, chosen);
  add_validate(app, chosen);
  add_schema(app, chosen);
  add_completion(app, chosen);
  add_man(app, chosen);
  add_version(app, chosen);
  add_status(app, chosen);
  add_top(app, chosen);
  add_tap(app, chosen);
  add_send(app, chosen);
  add_call(app, chosen);
  add_counters(app, chosen);
  add_jobs(app, chosen);
  add_reload(app, chosen);
  add_stop(app, chosen);
  add_environment_twins(app);
  if (const UnknownVerb unknown = unknown_verb(app, arguments); !unknown.problem.empty()) {
    surroundings.err << unknown.below << ": " << unknown.problem << "\nSee `" << unknown.below << " --help`.\n";
    return kExitUsage;
  }
  // The parser wants the words last first, without the program's name.
  std::vector<std::string> words(arguments.rbegin(), arguments.rend());
  if (!words.empty()) words.pop_back();
  try {
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    surroundings.out << app.help();
    return kExitOk;
  } catch (const CLI::ParseError& error) {
    const std::string path = path_of_parsed(app);
    surroundings.err << path << ": " << error.what() << "\nSee `" << path << " --help`.\n";
    return kExitUsage;
  }
  try {
    return chosen(surroundings);
  } catch (const std::exception& error) {
    surroundings.err << "picket: internal error: " << error.what() << '\n';
    return kExitInternal;
  }
}

}  // namespace picket::commands

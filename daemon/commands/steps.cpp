// SPDX-License-Identifier: Apache-2.0
#include "commands/steps.hpp"

#include <nlohmann/json.hpp>

#include "commands/exit_codes.hpp"
#include "commands/table.hpp"
#include "commands/verb_options.hpp"
#include "commands/verbs.hpp"
#include "config/schema.hpp"
#include "config/suggest.hpp"
#include "routing/steps/step_catalogue.hpp"
#include "service/printable.hpp"

namespace picket::commands {

std::vector<std::string> step_type_names() {
  std::vector<std::string> names;
  for (const routing::StepType* type : routing::step_types()) names.emplace_back(type->name);
  return names;
}

int list_steps(bool json, const platform::Terminal& terminal, std::ostream& out) {
  nlohmann::ordered_json answer = nlohmann::ordered_json::array();
  Table table({{"STEP"}, {"SUMMARY"}});
  for (const routing::StepType* type : routing::step_types()) {
    answer.push_back({{"name", type->name}, {"summary", type->summary}});
    table.add({type->name, type->summary});
  }
  if (json) {
    out << answer.dump(2) << '\n';
  } else {
    table.print(out, terminal);
  }
  return kExitOk;
}

int describe_step(const std::string& name, bool json, std::ostream& out, std::ostream& err) {
  const routing::StepType* const type = routing::find_step_type(name);
  if (type == nullptr) {
    err << "picket steps describe: there is no step `" << service::printable(name) << "`"
        << config::suggestion(name, step_type_names(), 24) << '\n';
    return kExitUnavailable;
  }
  if (json) {
    out << nlohmann::ordered_json::parse(type->schema).dump(2) << '\n';
    return kExitOk;
  }
  const auto example = config::step_example(name, type->schema);
  if (!example) {
    err << "picket steps describe: the schema of " << name << " cannot be read: " << example.error().message << '\n';
    return kExitInternal;
  }
  out << "# " << type->name << ": " << type->summary << '\n' << *example;
  return kExitOk;
}

void add_steps(CLI::App& app, Verb& chosen) {
  CLI::App* const steps = app.add_subcommand("steps", "Show the steps that a route can take");
  steps->require_subcommand(1);
  steps->footer("\n`picket steps VERB --help` explains a verb, with examples.");

  struct Options {
    std::string name;
    bool json = false;
  };
  const auto list_options = std::make_shared<Options>();
  CLI::App* const list = add_verb(
      *steps, {"list", "List the types of steps", {"picket steps list", "picket steps list --json"}, {}}, chosen,
      [list_options]() -> Verb {
        return [list_options](const Surroundings& s) { return list_steps(list_options->json, s.terminal, s.out); };
      });
  list->add_flag("--json", list_options->json, "JSON instead of a table");

  const auto describe_options = std::make_shared<Options>();
  CLI::App* const describe =
      add_verb(*steps,
               {"describe",
                "Show the settings of a step as commented YAML",
                {"picket steps describe throttle", "picket steps describe sample --json"},
                {"69  there is no such step"}},
               chosen, [describe_options]() -> Verb {
                 return [describe_options](const Surroundings& s) {
                   return describe_step(describe_options->name, describe_options->json, s.out, s.err);
                 };
               });
  describe->add_option("name", describe_options->name, "The step")->required()->type_name("NAME");
  describe->add_flag("--json", describe_options->json, "Its JSON Schema instead");
}

}  // namespace picket::commands

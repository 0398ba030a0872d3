// SPDX-License-Identifier: Apache-2.0
#include "commands/cli_model.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

namespace picket::commands {
namespace {

// The parser adds what it checks to the name of a value: "FORMAT:{text,svg}".
void split_type(const std::string& type, CliOption& option) {
  const std::size_t colon = type.find(':');
  option.value = type.substr(0, colon);
  const std::size_t open = type.find(":{");
  const std::size_t shut = open == std::string::npos ? open : type.find('}', open);
  if (shut == std::string::npos) return;
  std::istringstream list(type.substr(open + 2, shut - open - 2));
  for (std::string choice; std::getline(list, choice, ',');) option.choices.push_back(choice);
}

CliOption describe_option(const CLI::Option& from) {
  CliOption option;
  for (const std::string& name : from.get_snames()) option.names.push_back("-" + name);
  for (const std::string& name : from.get_lnames()) option.names.push_back("--" + name);
  option.description = from.get_description();
  option.environment = from.get_envname();
  option.fallback = from.get_default_str();
  option.required = from.get_required();
  if (from.get_items_expected_max() > 0) {
    split_type(from.get_type_name(), option);
    option.kind = CliOption::Value::text;
    if (option.value == "FILE" || option.value == "PATH") option.kind = CliOption::Value::file;
    if (option.value == "DIRECTORY") option.kind = CliOption::Value::directory;
  }
  const bool several = from.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
  option.repeatable = option.kind != CliOption::Value::none && (several || from.get_items_expected_max() > 1);
  if (option.names.empty()) option.value = from.get_name(true);
  return option;
}

// The footer has a heading for each list; see add_verb().
void read_footer(const std::string& footer, CliVerb& verb) {
  std::istringstream lines(footer);
  std::vector<std::string>* list = nullptr;
  for (std::string line; std::getline(lines, line);) {
    if (line == "Examples:") {
      list = &verb.examples;
    } else if (line == "Exit codes:") {
      list = &verb.exit_codes;
    } else if (line.starts_with("  ") && list != nullptr) {
      list->push_back(line.substr(2));
    }
  }
}

CliVerb describe_verb(const CLI::App& app, const std::string& above) {
  CliVerb verb;
  verb.name = app.get_name();
  verb.path = above.empty() ? verb.name : above + " " + verb.name;
  verb.summary = app.get_description();
  read_footer(app.get_footer(), verb);
  for (const CLI::Option* option : app.get_options()) {
    if (option == app.get_help_ptr() || option->get_group().empty()) continue;
    auto& list = option->nonpositional() ? verb.options : verb.positionals;
    list.push_back(describe_option(*option));
  }
  for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!below->get_group().empty()) verb.verbs.push_back(describe_verb(*below, verb.path));
  }
  return verb;
}

void collect_leaves(const CliVerb& verb, std::vector<const CliVerb*>& leaves) {
  for (const CliVerb& below : verb.verbs) {
    if (below.verbs.empty()) {
      leaves.push_back(&below);
    } else {
      collect_leaves(below, leaves);
    }
  }
}

}  // namespace

CliVerb describe_command_line(const CLI::App& app) {
  CliVerb root = describe_verb(app, "");
  std::sort(root.verbs.begin(), root.verbs.end(), [](const CliVerb& a, const CliVerb& b) { return a.name < b.name; });
  return root;
}

std::vector<const CliVerb*> leaf_verbs(const CliVerb& root) {
  std::vector<const CliVerb*> leaves;
  collect_leaves(root, leaves);
  return leaves;
}

}  // namespace picket::commands

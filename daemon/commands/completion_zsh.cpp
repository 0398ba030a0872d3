// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "commands/completion.hpp"

namespace picket::commands {
namespace {

// Within '...', and within the brackets of _arguments.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : marked(text, "\\[]:", "\\")) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out;
}

std::string zsh_action(const CliOption& option) {
  if (!option.choices.empty()) {
    std::string list;
    for (const std::string& choice : option.choices) list += (list.empty() ? "" : " ") + choice;
    return "(" + list + ")";
  }
  if (option.kind == CliOption::Value::file) return "_files";
  if (option.kind == CliOption::Value::directory) return "_files -/";
  return " ";
}

std::string zsh_value(const CliOption& option) {
  return option.kind == CliOption::Value::none ? "" : ":" + zsh_text(option.value) + ":" + zsh_action(option);
}

std::string zsh_option(const CliOption& option) {
  std::string text;
  for (const std::string& name : option.names) {
    const bool equals = name.starts_with("--") && option.kind != CliOption::Value::none;
    text += " \\\n    '" + std::string(option.repeatable ? "*" : "") + name + (equals ? "=" : "") + "[" +
            zsh_text(option.description) + "]" + zsh_value(option) + "'";
  }
  return text;
}

std::string function_name(const CliVerb& verb) {
  std::string name = "_" + verb.path;
  std::replace(name.begin(), name.end(), ' ', '_');
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::string zsh_function(const CliVerb& verb) {
  const std::string name = function_name(verb);
  std::string text = name + "() {\n";
  if (!verb.verbs.empty()) {
    text += "  local curcontext=\"$curcontext\" context state line\n  typeset -A opt_args\n  local -a verbs=(\n";
    for (const CliVerb& below : verb.verbs) text += "    '" + below.name + ":" + zsh_text(below.summary) + "'\n";
    text += "  )\n";
  }
  text += std::string("  _arguments ") + (verb.verbs.empty() ? "-s" : "-C") +
          " \\\n    '(-)'{-h,--help}'[explain and exit]'";
  for (const CliOption& option : verb.options) text += zsh_option(option);
  for (const CliOption& positional : verb.positionals) {
    text += " \\\n    '" + std::string(positional.repeatable ? "*" : "") + ":" + zsh_text(positional.description) +
            ":" + zsh_action(positional) + "'";
  }
  if (verb.verbs.empty()) return text + "\n}\n";
  text += " \\\n    '1:verb:->verb' \\\n    '*::argument:->argument'\n  case $state in\n";
  text += "    verb) _describe verb verbs ;;\n    argument)\n      case $words[1] in\n";
  for (const CliVerb& below : verb.verbs) text += "        " + below.name + ") " + function_name(below) + " ;;\n";
  return text + "      esac\n      ;;\n  esac\n}\n";
}

}  // namespace

std::string zsh_completion(const CliVerb& root) {
  std::string text = "#compdef picket\n# zsh completion for picket; made by `picket completion zsh`.\n";
  for (const CliVerb* verb : all_verbs(root)) text += zsh_function(*verb);
  return text + "if [[ ${funcstack[1]-} == _picket ]]; then\n  _picket \"$@\"\nelse\n  compdef _picket picket\nfi\n";
}

}  // namespace picket::commands

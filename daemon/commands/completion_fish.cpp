// SPDX-License-Identifier: Apache-2.0
#include "commands/completion.hpp"

namespace picket::commands {
namespace {

std::string fish_quoted(const std::string& text) {
  return "'" + marked(text, "\\'", "\\") + "'";
}

std::string fish_option(const CliOption& option) {
  std::string text;
  for (const std::string& name : option.names) {
    text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (!option.choices.empty()) {
    std::string list;
    for (const std::string& choice : option.choices) list += (list.empty() ? "" : " ") + choice;
    text += " -x -a " + fish_quoted(list);
  } else if (option.kind == CliOption::Value::file) {
    text += " -r -F";
  } else if (option.kind == CliOption::Value::directory) {
    text += " -x -a '(__fish_complete_directories)'";
  } else if (option.kind == CliOption::Value::text) {
    text += " -x";
  }
  return text + " -d " + fish_quoted(option.description);
}

std::string fish_positional(const CliOption& positional) {
  if (positional.kind == CliOption::Value::file) return " -F";
  if (positional.kind == CliOption::Value::directory) return " -a '(__fish_complete_directories)'";
  std::string list;
  for (const std::string& choice : positional.choices) list += (list.empty() ? "" : " ") + choice;
  return list.empty() ? "" : " -a " + fish_quoted(list);
}

}  // namespace

std::string fish_completion(const CliVerb& root) {
  std::string steps;
  std::string rules;
  for (const CliVerb* verb : all_verbs(root)) {
    const std::string when = "complete -c picket -n \"__picket_at '" + verb->path + "'\"";
    for (const CliVerb& below : verb->verbs) {
      steps += "            case " + fish_quoted(verb->path + "|" + below.name) + "\n                set path " +
               fish_quoted(below.path) + "\n";
      rules += when + " -a " + below.name + " -d " + fish_quoted(below.summary) + "\n";
    }
    rules += when + " -s h -l help -d 'Explain and exit'\n";
    for (const CliOption& option : verb->options) rules += when + fish_option(option) + "\n";
    for (const CliOption& positional : verb->positionals) {
      const std::string what = fish_positional(positional);
      if (!what.empty()) rules += when + what + " -d " + fish_quoted(positional.description) + "\n";
    }
  }
  return "# fish completion for picket; made by `picket completion fish`.\n"
         "function __picket_at\n"
         "    set -l path picket\n"
         "    for word in (commandline -opc)[2..]\n"
         "        switch \"$path|$word\"\n" +
         steps +
         "        end\n"
         "    end\n"
         "    test \"$path\" = \"$argv[1]\"\n"
         "end\n"
         "complete -c picket -f\n" +
         rules;
}

}  // namespace picket::commands

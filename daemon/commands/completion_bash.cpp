// SPDX-License-Identifier: Apache-2.0
#include "commands/completion.hpp"

namespace picket::commands {
namespace {

std::string bash_words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return "'" + text + "'";
}

// What completes a value: a command that fills COMPREPLY.
std::string bash_value(const CliOption& option) {
  if (!option.choices.empty()) return "_picket_words " + bash_words(option.choices);
  if (option.kind == CliOption::Value::file) return "_picket_files -f";
  if (option.kind == CliOption::Value::directory) return "_picket_files -d";
  return ":";
}

}  // namespace

std::string bash_completion(const CliVerb& root) {
  std::string verbs;   // one case for each step from a verb to one below it
  std::string values;  // one for each option with a value
  std::string rest;    // one for each verb: its options, and its verbs or positional arguments
  for (const CliVerb* verb : all_verbs(root)) {
    std::vector<std::string> options = {"--help"};
    std::vector<std::string> below;
    for (const CliVerb& child : verb->verbs) {
      verbs += "      '" + verb->path + "|" + child.name + "') path='" + child.path + "' ;;\n";
      below.push_back(child.name);
    }
    for (const CliOption& option : verb->options) {
      options.push_back(option.names.back());
      if (option.kind == CliOption::Value::none) continue;
      std::string patterns;
      for (const std::string& name : option.names) {
        patterns += (patterns.empty() ? "'" : " | '") + verb->path + "|" + name + "'";
      }
      values += "    " + patterns + ") " + bash_value(option) + "; return ;;\n";
    }
    rest += "    '" + verb->path + "')\n      options=" + bash_words(options) + "\n";
    if (!below.empty()) rest += "      words=" + bash_words(below) + "\n";
    // No value has a quote or a dollar sign in it.
    if (!verb->positionals.empty()) rest += "      value=\"" + bash_value(verb->positionals.front()) + "\"\n";
    rest += "      ;;\n";
  }
  return R"bash(# bash completion for picket; made by `picket completion bash`.
_picket_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_picket_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}
_picket() {
  local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} path=picket options='' words='' value='' i
  COMPREPLY=()
  # `--option=value` comes as three words.
  if [[ $cur == = ]]; then
    cur=''
  elif [[ $previous == = && COMP_CWORD -ge 2 ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path|${COMP_WORDS[i]}" in
)bash" + verbs +
         R"bash(    esac
  done
  case "$path|$previous" in
)bash" + values +
         R"bash(  esac
  case $path in
)bash" + rest +
         R"bash(  esac
  if [[ $cur == -* ]]; then
    _picket_words "$options"
  elif [[ -n $words ]]; then
    _picket_words "$words"
  elif [[ -n $value ]]; then
    eval "$value"
  fi
}
complete -F _picket picket
)bash";
}

}  // namespace picket::commands

// SPDX-License-Identifier: Apache-2.0
#include "commands/completion.hpp"

#include "commands/exit_codes.hpp"
#include "commands/verbs.hpp"

namespace picket::commands {
namespace {

void collect_verbs(const CliVerb& verb, std::vector<const CliVerb*>& all) {
  all.push_back(&verb);
  for (const CliVerb& below : verb.verbs) collect_verbs(below, all);
}

}  // namespace

const std::vector<std::string>& completion_shells() {
  static const std::vector<std::string> shells = {"bash", "fish", "powershell", "zsh"};
  return shells;
}

std::string completion_script(std::string_view shell, const CliVerb& root) {
  if (shell == "bash") return bash_completion(root);
  if (shell == "fish") return fish_completion(root);
  if (shell == "zsh") return zsh_completion(root);
  return powershell_completion(root);
}

std::string marked(std::string_view text, std::string_view special, std::string_view mark) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += mark;
    out += c;
  }
  return out;
}

std::vector<const CliVerb*> all_verbs(const CliVerb& root) {
  std::vector<const CliVerb*> all;
  collect_verbs(root, all);
  return all;
}

void add_completion(CLI::App& app, Verb& chosen) {
  const auto shell = std::make_shared<std::string>();
  CLI::App* const verb = add_verb(app,
                                  {"completion",
                                   "Print a script that completes this command line in a shell",
                                   {"picket completion bash > /etc/bash_completion.d/picket",
                                    "picket completion zsh > ~/.zfunc/_picket         # a directory in fpath",
                                    "picket completion fish > ~/.config/fish/completions/picket.fish",
                                    "picket completion powershell | Out-String | Invoke-Expression"},
                                   {}},
                                  chosen, [shell, &app]() -> Verb {
                                    return [shell, &app](const Surroundings& s) {
                                      s.out << completion_script(*shell, describe_command_line(app));
                                      return kExitOk;
                                    };
                                  });
  verb->add_option("shell", *shell, "The shell")->required()->check(CLI::IsMember(completion_shells()));
}

}  // namespace picket::commands

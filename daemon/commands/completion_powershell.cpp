// SPDX-License-Identifier: Apache-2.0
#include "commands/completion.hpp"

namespace picket::commands {
namespace {

std::string powershell_quoted(const std::string& text) {
  return "'" + marked(text, "'", "'") + "'";
}

std::string powershell_list(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + powershell_quoted(word);
  return "@(" + text + ")";
}

std::string powershell_pair(const std::string& word, const std::string& description) {
  return "      " + powershell_quoted(word) + " = " + powershell_quoted(description) + "\n";
}

}  // namespace

std::string powershell_completion(const CliVerb& root) {
  std::string verbs;
  std::string options;
  std::string values;
  for (const CliVerb* verb : all_verbs(root)) {
    const std::string open = "    " + powershell_quoted(verb->path) + " = [ordered]@{\n";
    if (!verb->verbs.empty()) {
      verbs += open;
      for (const CliVerb& below : verb->verbs) verbs += powershell_pair(below.name, below.summary);
      verbs += "    }\n";
    }
    options += open + powershell_pair("--help", "Explain and exit");
    for (const CliOption& option : verb->options) {
      options += powershell_pair(option.names.back(), option.description);
      if (option.kind == CliOption::Value::none) continue;
      // An empty list: a value that only the user knows, or a file, which the shell completes by itself.
      for (const std::string& name : option.names) {
        values += "    " + powershell_quoted(verb->path + "|" + name) + " = " + powershell_list(option.choices) + "\n";
      }
    }
    for (const CliOption& positional : verb->positionals) {
      if (positional.choices.empty()) continue;
      values += "    " + powershell_quoted(verb->path + "|") + " = " + powershell_list(positional.choices) + "\n";
    }
    options += "    }\n";
  }
  return "# PowerShell completion for picket; made by `picket completion powershell`.\n"
         "Register-ArgumentCompleter -Native -CommandName picket -ScriptBlock {\n"
         "  param($wordToComplete, $commandAst, $cursorPosition)\n"
         "  $verbs = @{\n" +
         verbs + "  }\n  $options = @{\n" + options + "  }\n  $values = @{\n" + values +
         "  }\n"
         "  $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |\n"
         "    ForEach-Object { $_.ToString() })\n"
         "  $path = 'picket'\n"
         "  for ($i = 1; $i -lt $words.Count; $i++) {\n"
         "    if ($verbs[$path] -and $verbs[$path].Contains($words[$i])) { $path += ' ' + $words[$i] }\n"
         "  }\n"
         "  $previous = if ($words.Count -gt 1) { $words[-1] } else { '' }\n"
         "  $found = [ordered]@{}\n"
         "  if ($values.ContainsKey(\"$path|$previous\")) {\n"
         "    foreach ($value in $values[\"$path|$previous\"]) { $found[$value] = $value }\n"
         "  } elseif ($wordToComplete -like '-*') {\n"
         "    $found = $options[$path]\n"
         "  } elseif ($verbs[$path]) {\n"
         "    $found = $verbs[$path]\n"
         "  } elseif ($values.ContainsKey(\"$path|\")) {\n"
         "    foreach ($value in $values[\"$path|\"]) { $found[$value] = $value }\n"
         "  }\n"
         "  foreach ($word in @($found.Keys | Where-Object { $_ -like \"$wordToComplete*\" })) {\n"
         "    [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $found[$word])\n"
         "  }\n"
         "}\n";
}

}  // namespace picket::commands

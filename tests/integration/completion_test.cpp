// SPDX-License-Identifier: Apache-2.0
//
// `picket completion SHELL`, in the shells themselves; PowerShell, which Debian has not, by its text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <sstream>

#include "harness/site.hpp"

namespace picket::integration {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) words.push_back(line.substr(0, line.find('\t')));
  }
  std::sort(words.begin(), words.end());
  return words;
}

class Completion : public testing::Test {
 protected:
  // The script of a shell, in a file; and a folder with files to complete.
  std::string script(const std::string& shell) const {
    const Output output = run_picket({"completion", shell});
    EXPECT_EQ(output.exit_code, 0) << output.err;
    EXPECT_THAT(output.err, IsEmpty());
    write_file(folder_.path() / "script", output.out);
    write_file(folder_.path() / "files" / "site.yaml", "");
    std::filesystem::create_directories(folder_.path() / "files" / "site.d");
    return (folder_.path() / "script").string();
  }
  // `line` ends where the cursor is; a blank at its end means that a new word begins.
  std::vector<std::string> bash(const std::string& line) const {
    std::string words;
    std::istringstream in(line);
    int count = 0;
    for (std::string word; in >> word; ++count) words += " '" + word + "'";
    if (line.ends_with(' ')) {
      words += " ''";
      ++count;
    }
    const std::string work = "cd '" + (folder_.path() / "files").string() + "' && source '" + script("bash") +
                             "' && COMP_WORDS=(" + words + ") COMP_CWORD=" + std::to_string(count - 1) +
                             " && _picket && printf '%s\\n' \"${COMPREPLY[@]}\"";
    const Output output = run_to_end({"bash", "--norc", "--noprofile", "-uc", work});
    EXPECT_THAT(output.err, IsEmpty());
    return words_of(output.out);
  }
  std::vector<std::string> fish(const std::string& line) const {
    const std::string work =
        "cd '" + (folder_.path() / "files").string() + "'; source '" + script("fish") + "'; complete -C '" + line + "'";
    const Output output = run_to_end({"fish", "--no-config", "-c", work}, {{"HOME", folder_.path().string()}});
    EXPECT_EQ(output.exit_code, 0) << output.err;
    return words_of(output.out);
  }
  // What a zsh at a terminal makes of `line` and the tabulator: the whole screen.
  std::string zsh(const std::string& line) const {
    const std::string work = R"zsh(
      zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell 'PS1="%% "; LISTMAX=1000; unsetopt zle_bracketed_paste; bindkey "^I" complete-word'
      zpty -w shell "autoload -U compinit; compinit -u -D; source )zsh" +
                             script("zsh") + R"zsh(; print -r -- rea''dy"
      zpty -r shell output '*ready*'
      zpty -w -n shell $')zsh" +
                             line + R"zsh(\t'
      zpty -w -n shell $'\C-a: \C-e #end\r'
      zpty -w shell "print -r -- fin''ished"
      screen=''
      while zpty -r shell output; do screen+=$output; [[ $screen == *finished* ]] && break; done
      print -r -- $screen
      zpty -d shell)zsh";
    // compinit reads a thousand files.
    constexpr std::chrono::seconds kPatienceWithZsh{150};
    const Output output =
        run_to_end({"zsh", "-f", "-c", work}, {{"HOME", folder_.path().string()}, {"TERM", "dumb"}}, kPatienceWithZsh);
    EXPECT_EQ(output.exit_code, 0) << output.err;
    return output.out;
  }

  TemporaryDirectory folder_;
};

TEST_F(Completion, bash_knows_verbs_and_verbs_below_them) {
  EXPECT_THAT(bash("picket va"), ElementsAre("validate"));
  EXPECT_THAT(bash("picket "), IsSupersetOf({"run", "query", "plugins", "schema", "completion"}));
  EXPECT_THAT(bash("picket plugins "), ElementsAre("check", "describe", "list"));
  EXPECT_THAT(bash("picket plugins c"), ElementsAre("check"));  // not what its children run
}

TEST_F(Completion, bash_knows_options_choices_and_files) {
  EXPECT_THAT(bash("picket run --log-"), ElementsAre("--log-format", "--log-level"));
  EXPECT_THAT(bash("picket run --log-format "), ElementsAre("json", "text"));
  EXPECT_THAT(bash("picket run --log-level = de"), ElementsAre("debug"));  // as bash splits --log-level=de
  EXPECT_THAT(bash("picket run --config si"), ElementsAre("site.d", "site.yaml"));
  EXPECT_THAT(bash("picket run --plugin-path si"), ElementsAre("site.d"));
  EXPECT_THAT(bash("picket query --last "), IsEmpty());
  EXPECT_THAT(bash("picket completion f"), ElementsAre("fish"));
  EXPECT_THAT(bash("picket plugins check si"), ElementsAre("site.d", "site.yaml"));
}

TEST_F(Completion, fish_knows_verbs_options_choices_and_files) {
  EXPECT_THAT(fish("picket va"), ElementsAre("validate"));
  EXPECT_THAT(fish("picket plugins "), ElementsAre("check", "describe", "list"));
  EXPECT_THAT(fish("picket run --log-"), ElementsAre("--log-format", "--log-level"));
  EXPECT_THAT(fish("picket run --log-format "), ElementsAre("json", "text"));
  EXPECT_THAT(fish("picket run --config si"), AllOf(Contains("site.yaml"), Contains("site.d/")));
  EXPECT_THAT(fish("picket run --plugin-path si"), AllOf(Contains("site.d/"), Not(Contains("site.yaml"))));
  EXPECT_THAT(fish("picket completion z"), ElementsAre("zsh"));
}

TEST_F(Completion, zsh_completes_at_a_terminal) {
  EXPECT_THAT(zsh("picket vali"), HasSubstr("picket validate"));
  EXPECT_THAT(zsh("picket plugins de"), HasSubstr("picket plugins describe"));
  EXPECT_THAT(zsh("picket run --log-l"), HasSubstr("--log-level"));
  EXPECT_THAT(zsh("picket run --log-level crit"), HasSubstr("critical"));
  EXPECT_THAT(zsh("picket completion power"), HasSubstr("picket completion powershell"));
}

TEST_F(Completion, each_shell_finds_its_script_well_formed) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Output output = run_to_end({shell, "-n", script(shell)});
    EXPECT_EQ(output.exit_code, 0) << shell << output.err;
    EXPECT_THAT(output.err, IsEmpty());
  }
}

TEST_F(Completion, powershell_gets_a_native_completer_with_balanced_braces) {
  const std::string text = read_file(script("powershell"));
  EXPECT_THAT(text, AllOf(HasSubstr("Register-ArgumentCompleter -Native -CommandName picket"),
                          HasSubstr("'picket run|--log-format' = @('text', 'json')"),
                          HasSubstr("'describe' = 'Show the settings of a plugin as commented YAML'")));
  int depth = 0;
  bool quoted = false;
  for (const char c : text.substr(text.find('\n'))) {
    if (c == '\'') quoted = !quoted;
    if (quoted) continue;
    depth += c == '{' || c == '(' ? 1 : c == '}' || c == ')' ? -1 : 0;
    ASSERT_GE(depth, 0);
  }
  EXPECT_EQ(depth, 0);
  EXPECT_FALSE(quoted);
}

TEST(CompletionVerb, a_shell_that_is_not_known_is_wrong_use) {
  EXPECT_EQ(run_picket({"completion", "tcsh"}).exit_code, 64);
  EXPECT_EQ(run_picket({"completion"}).exit_code, 64);
}

}  // namespace
}  // namespace picket::integration

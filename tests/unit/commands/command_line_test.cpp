// SPDX-License-Identifier: Apache-2.0
#include "commands/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "commands/exit_codes.hpp"

namespace picket::commands {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class CommandLineTest : public testing::Test {
 protected:
  int run(std::vector<std::string> words) {
    words.insert(words.begin(), "picket");
    out_.str("");
    err_.str("");
    const Surroundings surroundings{
        out_, err_, {}, [](const std::string&) { return std::nullopt; }, platform::system_clock()};
    return run_command_line(words, surroundings);
  }

  std::ostringstream out_, err_;
};

TEST_F(CommandLineTest, version_says_which_build_this_is) {
  EXPECT_EQ(run({"version"}), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("plugin ABI 1.0\n"));
  EXPECT_EQ(run({"version", "--json"}), kExitOk);
  const auto answer = nlohmann::json::parse(out_.str());
  for (const char* key : {"version", "abi", "build", "system", "compiler"}) {
    EXPECT_FALSE(answer[key].get<std::string>().empty()) << key;
  }
}

TEST_F(CommandLineTest, no_verb_and_an_unknown_verb_are_wrong_use) {
  EXPECT_EQ(run({}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("See `picket --help`"));
  EXPECT_EQ(run({"quary"}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("there is no verb `quary`; did you mean `query`?"));
  EXPECT_EQ(run({"plugins", "lst"}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("there is no verb `lst`"));
  EXPECT_THAT(out_.str(), IsEmpty());
}

TEST_F(CommandLineTest, an_error_names_the_verb_whose_help_to_read) {
  EXPECT_EQ(run({"plugins", "describe"}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("See `picket plugins describe --help`"));
  EXPECT_EQ(run({"query", "--csv", "--json"}), kExitUsage);
  EXPECT_EQ(run({"query", "--raw", "--rate"}), kExitUsage);
  EXPECT_EQ(run({"query", "--sum", "--total", "mean"}), kExitUsage);
  EXPECT_EQ(run({"plot", "--ascii", "--style", "braille"}), kExitUsage);
  EXPECT_EQ(run({"plot", "--format", "png"}), kExitUsage);
  EXPECT_EQ(run({"version", "--yaml"}), kExitUsage);
}

TEST_F(CommandLineTest, every_verb_has_help_with_an_example_and_its_exit_codes) {
  for (const std::vector<std::string>& verb : std::vector<std::vector<std::string>>{{"run"},
                                                                                    {"once"},
                                                                                    {"version"},
                                                                                    {"validate"},
                                                                                    {"plot"},
                                                                                    {"query"},
                                                                                    {"plugins", "list"},
                                                                                    {"plugins", "describe"}}) {
    auto words = verb;
    words.push_back("--help");
    EXPECT_EQ(run(words), kExitOk);
    std::string line = "picket";
    for (const std::string& word : verb) line += " " + word;
    EXPECT_THAT(out_.str(), HasSubstr("Examples:\n  " + line));
    EXPECT_THAT(out_.str(), HasSubstr("Exit codes:\n  0   done"));
    EXPECT_THAT(err_.str(), IsEmpty());
  }
}

TEST_F(CommandLineTest, every_option_has_a_twin_in_the_environment) {
  EXPECT_EQ(run({"query", "--help"}), kExitOk);
  for (const char* name : {"PICKET_CONFIG", "PICKET_PLUGIN_PATH", "PICKET_LAST", "PICKET_JSON", "PICKET_LABEL"}) {
    EXPECT_THAT(out_.str(), HasSubstr(name));
  }
}

TEST_F(CommandLineTest, query_without_a_configuration_says_which_file_is_missing) {
  EXPECT_EQ(run({"query", "--config", "/nonexistent/picket.yaml"}), kExitConfiguration);
  EXPECT_THAT(err_.str(), HasSubstr("/nonexistent/picket.yaml"));
}

}  // namespace
}  // namespace picket::commands

// SPDX-License-Identifier: Apache-2.0
//
// Every configuration in config/examples: says what it is for, is good, and runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "harness/site.hpp"

namespace picket::integration {
namespace {

std::vector<std::filesystem::path> examples() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(PICKET_EXAMPLES)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class Examples : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(Examples, say_what_they_are_for_are_good_and_run) {
  Site site;
  const std::string text = read_file(GetParam());
  EXPECT_THAT(text, ::testing::MatchesRegex("# [^\n]+\n(#[^\n]*\n)+\n(.|\n)*")) << "an explanation, then an empty line";
  site.configure(text);
  const Output checked = site.picket({"validate"});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_EQ(checked.err, "");
  const auto daemon = site.run_until_ready();
  EXPECT_EQ(stop(*daemon), 0) << daemon->err();
  EXPECT_EQ(daemon->err().find("ERROR"), std::string::npos) << daemon->err();
}

INSTANTIATE_TEST_SUITE_P(Shipped, Examples, ::testing::ValuesIn(examples()), [](const auto& one) {
  std::string name = one.param.stem().string();
  std::replace_if(
      name.begin(), name.end(), [](unsigned char character) { return std::isalnum(character) == 0; }, '_');
  return name;
});

TEST(ExamplesFolder, has_enough_to_start_from) {
  EXPECT_GE(examples().size(), 5U);
}

}  // namespace
}  // namespace picket::integration

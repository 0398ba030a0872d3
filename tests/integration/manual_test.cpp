// SPDX-License-Identifier: Apache-2.0
//
// `picket man`: a page for each verb, and one for the file; readable by man and clean for mandoc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/site.hpp"

namespace picket::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

namespace fs = std::filesystem;

class Manual : public testing::Test {
 protected:
  Manual() {
    const Output output = run_picket(
        {"man", folder_.path().string(), "--plugin-path", plugin_folder().string(), "--plugin", "perf_collector"},
        {{"SOURCE_DATE_EPOCH", "1600000000"}});
    EXPECT_EQ(output.exit_code, 0) << output.err;
  }
  std::string page(const std::string& name) const { return read_file(folder_.path() / name); }
  std::vector<fs::path> pages() const {
    std::vector<fs::path> all;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
      if (entry.is_regular_file()) all.push_back(entry.path());
    }
    return all;
  }

  TemporaryDirectory folder_;
};

TEST_F(Manual, has_a_page_for_each_verb_that_the_program_has) {
  const std::string overview = run_picket({"--help"}).out;
  std::size_t verbs = 0;
  std::istringstream lines(overview.substr(overview.find("Subcommands:")));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("  ") || line[2] == ' ') continue;
    const std::string verb = line.substr(2, line.find(' ', 2) - 2);
    EXPECT_TRUE(fs::exists(folder_.path() / "man1" / ("picket-" + verb + ".1"))) << verb;
    EXPECT_THAT(page("man1/picket.1"), HasSubstr("\\fB" + verb + "\\fR"));
    ++verbs;
  }
  EXPECT_GE(verbs, 10U);
}

TEST_F(Manual, says_what_help_says) {
  EXPECT_THAT(page("man1/picket-run.1"),
              AllOf(HasSubstr(".TH PICKET\\-RUN 1 2020-09-13"), HasSubstr("\\fB\\-\\-log\\-level\\fR"),
                    HasSubstr("PICKET_LOG_LEVEL"), HasSubstr("picket run \\-\\-config ./picket.yaml"),
                    HasSubstr("Another daemon uses the state directory.")));
  EXPECT_THAT(page("man5/picket.yaml.5"), AllOf(HasSubstr("\\fBlog.level\\fR"), HasSubstr("\\fBqueue.events\\fR"),
                                                HasSubstr(".SS throttle"), HasSubstr("default 10s")));
  EXPECT_THAT(page("man5/picket-perf_collector.5"), HasSubstr("\\fBinterval\\fR"));
}

TEST_F(Manual, two_runs_write_the_same) {
  const std::string before = page("man5/picket.yaml.5");
  const Output again = run_picket(
      {"man", folder_.path().string(), "--plugin-path", plugin_folder().string(), "--plugin", "perf_collector"},
      {{"SOURCE_DATE_EPOCH", "1600000000"}});
  ASSERT_EQ(again.exit_code, 0);
  EXPECT_EQ(page("man5/picket.yaml.5"), before);
}

TEST_F(Manual, mandoc_and_man_read_every_page_without_a_warning) {
  ASSERT_FALSE(pages().empty());
  for (const fs::path& file : pages()) {
    const Output lint = run_to_end({"mandoc", "-T", "lint", "-W", "warning", file.string()});
    EXPECT_EQ(lint.exit_code, 0) << lint.out << lint.err;
    const Output man = run_to_end({"man", "--warnings", "-E", "UTF-8", "-l", file.string()}, {{"MANROFFSEQ", ""}});
    EXPECT_EQ(man.exit_code, 0);
    EXPECT_THAT(man.err, IsEmpty()) << file;
    EXPECT_THAT(man.out, HasSubstr("NAME"));
  }
}

TEST(ManualVerb, a_directory_that_cannot_be_made_is_an_error) {
  EXPECT_EQ(run_picket({"man", "/proc/nowhere", "--plugin-path", plugin_folder().string()}).exit_code, 1);
  EXPECT_EQ(run_picket({"man"}).exit_code, 64);
}

}  // namespace
}  // namespace picket::integration

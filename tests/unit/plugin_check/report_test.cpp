// SPDX-License-Identifier: Apache-2.0
#include "plugin_check/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "../platform/temporary_directory.hpp"
#include "plugin_check/trial.hpp"

namespace picket::plugin_check {
namespace {

using testing::ElementsAre;

TEST(Report, is_read_back_as_far_as_it_was_written) {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "report";
  Report report(file);
  report.at("create()");
  report.note("a remark");
  report.at("start()");
  EXPECT_FALSE(read_report(file).done);
  EXPECT_FALSE(report.failed());
  report.fail("it is broken \"\n\xFF");
  report.fail("another thing");
  report.fail("another thing");  // each once
  report.done();
  const ReportContent content = read_report(file);
  EXPECT_EQ(content.at, "start()");
  EXPECT_THAT(content.notes, ElementsAre("a remark"));
  EXPECT_THAT(content.findings, ElementsAre("it is broken \"\n\xEF\xBF\xBD", "another thing"));
  EXPECT_TRUE(content.done);
  EXPECT_TRUE(report.failed());
}

TEST(Report, a_line_that_is_cut_off_and_what_a_plugin_wrote_into_it_are_left_out) {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "report";
  std::ofstream(file) << "{\"at\":\"stop()\"}\nnonsense\n[]\n{\"fail\":7}\n{\"fail\":\"half";
  const ReportContent content = read_report(file);
  EXPECT_EQ(content.at, "stop()");
  EXPECT_TRUE(content.findings.empty());
  EXPECT_FALSE(content.done);
  EXPECT_TRUE(read_report(folder.path() / "none").at.empty());
}

TEST(Trials, each_comes_after_what_it_needs) {
  std::vector<std::string> seen;
  for (const Trial& trial : trials()) {
    const bool ready = trial.needs == nullptr || std::find(seen.begin(), seen.end(), trial.needs) != seen.end();
    EXPECT_TRUE(ready) << trial.name;
    EXPECT_EQ(find_trial(trial.name), &trial);
    seen.emplace_back(trial.name);
  }
  EXPECT_EQ(find_trial("nonsense"), nullptr);
}

}  // namespace
}  // namespace picket::plugin_check

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "routing/steps/step_catalogue.hpp"
#include "step_harness.hpp"

namespace picket::routing {
namespace {

namespace fs = std::filesystem;
using platform::kSecond;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(EnrichStep, adds_the_fields_of_the_row) {
  StepHarness step(kEnrichStep, R"({"key": "host", "overwrite": false,
      "table": {"web1": {"site": "north", "rack": 4}, "404": {"text": "not found"}}, "default": {"site": "unknown"}})");
  step.input().event("log").at(1).text("host", "web1").integer("rack", 9);
  step.input_more().event("log").at(2).integer("host", 404);
  step.input_more().event("log").at(3);
  EXPECT_THAT(step.feed(), ElementsAre(R"(log  0@1 host="web1" rack=9 site="north")",
                                       R"(log  0@2 host=404 text="not found")", R"(log  0@3 site="unknown")"));
  EXPECT_EQ(step.step().held(), 2U);
}

TEST(EnrichStep, replaces_fields_when_told_to) {
  StepHarness step(kEnrichStep, R"({"key": "host", "overwrite": true, "table": {"web1": {"rack": 4}}})");
  step.input().event("log").at(1).text("host", "web1").integer("rack", 9).inline_integer("rack", 8);
  EXPECT_THAT(step.feed(), ElementsAre(R"(log  0@1 host="web1" rack=4)"));
}

TEST(EnrichStep, passes_the_same_batch_when_no_row_is_found) {
  StepHarness step(kEnrichStep, R"({"key": "host", "overwrite": false, "table": {"web1": {"rack": 4}}})");
  step.input().event("log").at(1).text("host", "web2");
  EXPECT_EQ(step.feed().size(), 1U);
  EXPECT_EQ(step.added(), 0U);
}

class EnrichFile : public ::testing::Test {
 protected:
  EnrichFile() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = fs::temp_directory_path() / (std::string("picket_enrich_") + test->name() + ".csv");
  }
  ~EnrichFile() override {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  void write(const std::string& text) { std::ofstream(path_, std::ios::binary) << text; }
  std::string settings() {
    return nlohmann::json{{"key", "host"}, {"file", path_.string()}, {"refresh", 60 * kSecond}, {"overwrite", false}}
        .dump();
  }
  static std::vector<std::string> feed(StepHarness& step) {
    step.input().event("log").at(1).text("host", "web1");
    return step.feed();
  }

  fs::path path_;
};

TEST_F(EnrichFile, a_table_comes_from_a_file_and_is_read_again_when_it_changes) {
  write("host,site,rack\nweb1,north,\n");
  StepHarness step(kEnrichStep, settings());
  EXPECT_THAT(feed(step), ElementsAre(R"(log  0@1 host="web1" site="north")"));
  write("host,site,rack\nweb1,south end,7\n");
  EXPECT_THAT(feed(step), ElementsAre(R"(log  0@1 host="web1" site="north")"));
  step.advance(60 * kSecond);
  EXPECT_THAT(feed(step), ElementsAre(R"(log  0@1 host="web1" site="south end" rack="7")"));
}

TEST_F(EnrichFile, a_bad_file_leaves_the_old_table_in_force) {
  write("host,site\nweb1,north\n");
  StepHarness step(kEnrichStep, settings());
  write("host,site\nweb1,north,extra\n");
  EXPECT_THROW(step.advance(60 * kSecond), std::runtime_error);
  EXPECT_THAT(feed(step), ElementsAre(R"(log  0@1 host="web1" site="north")"));
  EXPECT_EQ(step.step().due_ns(), step.clock.monotonic + 60 * kSecond) << "it is looked at again later";
}

TEST_F(EnrichFile, mistakes_in_the_file_are_mistakes_of_the_configuration) {
  Names names;
  const auto check = [&] { return kEnrichStep.check(nlohmann::json::parse(settings()), names); };
  ASSERT_EQ(check().size(), 1U);
  EXPECT_EQ(check()[0].pointer, "/file");
  EXPECT_THAT(check()[0].message, HasSubstr("cannot be read"));
  write("host\nweb1\n");
  EXPECT_EQ(check().at(0).message, "the table has no column behind the key");
  write("host,site\nweb1,a\nweb1,b\n");
  EXPECT_EQ(check().at(0).message, "two rows have the key `web1`");
  write("host,site\nweb1,a\n");
  EXPECT_TRUE(check().empty());
}

TEST(EnrichStepSettings, wants_one_table) {
  Names names;
  EXPECT_EQ(kEnrichStep.check(nlohmann::json::parse(R"({"key": "a"})"), names).at(0).message,
            "needs either `table` or `file`");
  EXPECT_EQ(kEnrichStep.check(nlohmann::json::parse(R"({"key": "1 +", "table": {}})"), names).at(0).pointer, "/key");
}

}  // namespace
}  // namespace picket::routing

// SPDX-License-Identifier: Apache-2.0
//
// `picket test` of the real program: its exit codes, its outputs, and the tests of every configuration that is shipped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/site.hpp"

namespace picket::integration {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

const std::string kTested =
    "instances:\n"
    "  host: {type: perf_collector}\n"
    "  history: {type: perf_database}\n"
    "routes:\n"
    "  full: {from: host, where: value > 0.9, to: history}\n"
    "tests:\n"
    "  - name: large values pass\n"
    "    events: [{from: host, name: m, value: 0.95}]\n"
    "    expect: [{route: full, events: [{at: 0s, name: m}]}]\n"
    "  - name: small values do not\n"
    "    events: [{file: captured.jsonl, from: host}]\n"
    "    expect: [{route: full, none: true}]\n";

class TestVerb : public ::testing::Test {
 protected:
  void capture(const std::string& lines) const {
    write_file(site.config_file().parent_path() / "captured.jsonl", lines);
  }
  Site site;
};

TEST_F(TestVerb, tests_that_hold_exit_with_0) {
  site.configure(kTested);
  capture("{\"value\": 0.5}\n{\"value\": 0.6}\n");
  const Output output = site.picket({"test"});
  EXPECT_EQ(output.exit_code, 0) << output.err;
  EXPECT_EQ(output.out, "ok      large values pass\nok      small values do not\n2 passed, 0 failed\n");
  EXPECT_FALSE(std::filesystem::exists(site.history())) << "nothing is started";
}

TEST_F(TestVerb, a_test_that_does_not_hold_says_what_came_instead_and_exits_with_1) {
  site.configure(kTested);
  capture("{\"value\": 0.5}\n{\"value\": 0.99}\n");
  const std::string report = (site.directory() / "results.xml").string();
  const Output output = site.picket({"test", "--junit", report});
  EXPECT_EQ(output.exit_code, 1);
  EXPECT_THAT(output.out, HasSubstr("picket.yaml:12:14: expected no event at history from route full, got 1\n"
                                    "      at 0s  {\"time\":"));
  EXPECT_THAT(output.out, EndsWith("1 passed, 1 failed\n"));
  const std::string xml = read_file(report);
  EXPECT_THAT(xml, HasSubstr("<testsuites name=\"picket test\" tests=\"2\" failures=\"1\" errors=\"0\""));
  EXPECT_THAT(xml, EndsWith("</testsuites>\n"));
}

TEST_F(TestVerb, tests_are_chosen_by_their_names) {
  site.configure(kTested);
  const Output output = site.picket({"test", "large *", "--verbose"});
  EXPECT_EQ(output.exit_code, 0) << output.err;
  EXPECT_EQ(output.out, "ok      large values pass  (0s: 1 event in, 1 out)\n1 passed, 0 failed\n");
  const Output none = site.picket({"test", "lrge values pass"});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.err, HasSubstr("no test is called `lrge values pass`; did you mean `large values pass`?"));
}

TEST_F(TestVerb, json_has_every_verdict) {
  site.configure(kTested);
  capture("{\"value\": 0.99}\n");
  const Output output = site.picket({"test", "--json"});
  EXPECT_EQ(output.exit_code, 1);
  const auto json = nlohmann::json::parse(output.out);
  EXPECT_EQ(json["failed"], 1);
  EXPECT_EQ(json["tests"][1]["failures"][0]["line"], 12);
}

TEST_F(TestVerb, a_configuration_that_is_wrong_exits_with_78_and_validate_says_the_same) {
  site.configure(kTested + "  - {name: typo, expect: [{route: fll}]}\n");
  for (const char* verb : {"test", "validate"}) {
    const Output output = site.picket({verb});
    EXPECT_EQ(output.exit_code, 78);
    EXPECT_THAT(output.err, HasSubstr("picket.yaml:13:35: test `typo`: there is no route `fll`; did you mean `full`?"));
  }
}

TEST_F(TestVerb, validate_misses_a_file_of_captured_events) {
  site.configure(kTested);
  const Output output = site.picket({"validate"});
  EXPECT_EQ(output.exit_code, 78);
  EXPECT_THAT(output.err, HasSubstr("captured.jsonl: there is no such file of captured events"));
}

TEST_F(TestVerb, a_configuration_without_tests_exits_with_1) {
  site.configure("instances: {host: {type: perf_collector}}\n");
  const Output output = site.picket({"test"});
  EXPECT_EQ(output.exit_code, 1);
  EXPECT_THAT(output.err, HasSubstr("the configuration has no `tests:`"));
}

TEST_F(TestVerb, the_tests_of_the_shipped_configurations_hold) {
  std::vector<std::filesystem::path> files = {PICKET_SHIPPED_CONFIG};
  for (const auto& entry : std::filesystem::directory_iterator(PICKET_EXAMPLES)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  int tested = 0;
  for (const std::filesystem::path& file : files) {
    const std::string text = read_file(file);
    if (text.find("\ntests:\n") == std::string::npos) continue;
    site.configure(text);
    const Output output = site.picket({"test"});
    EXPECT_EQ(output.exit_code, 0) << file << '\n' << output.err << output.out;
    ++tested;
  }
  EXPECT_GE(tested, 2);
}

}  // namespace
}  // namespace picket::integration

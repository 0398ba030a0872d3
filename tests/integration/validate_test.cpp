// SPDX-License-Identifier: Apache-2.0
//
// `picket validate` as an operator meets it: every mistake at once, each with its place, and exit code 78.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/site.hpp"

namespace picket::integration {
namespace {

using testing::HasSubstr;
using testing::Not;

class Validate : public testing::Test {
 protected:
  // The messages for a configuration that must be refused.
  std::string refusal(std::string_view yaml) {
    site.configure(yaml);
    return refusal();
  }
  std::string refusal(const Environment& environment = {}) {
    const Output output = site.picket({"validate"}, environment);
    EXPECT_EQ(output.exit_code, kConfigurationIsWrong);
    EXPECT_EQ(output.out, "");
    EXPECT_EQ(site.run(environment)->wait_exit(), kConfigurationIsWrong) << "run takes what validate refuses";
    return output.err;
  }
  std::string at(const std::string& place) const { return site.config_file().string() + ":" + place; }

  Site site;
};

TEST_F(Validate, a_good_file_is_called_good) {
  site.configure(kMainJob);
  const Output output = site.picket({"validate"});
  EXPECT_EQ(output.exit_code, 0);
  EXPECT_EQ(output.out, "the configuration is good: 2 instances, 1 route, from 1 file\n");
  EXPECT_EQ(output.err, "");
  EXPECT_FALSE(std::filesystem::exists(site.history())) << "it only looks";
}

TEST_F(Validate, every_mistake_of_a_file_is_reported_with_its_place) {
  const std::string text = refusal(R"(daemon:
  stop_timeout: 5 parsecs
instances:
  host:
    type: perf_collector
    intervall: 5s
  other:
    type: perf_colector
  history:
    type: perf_database
    max_series: 0
routes:
  wrong-way:
    from: host
    to: histroy
  filtered:
    from: host
    where: severity >== warning
    to: history
)");
  EXPECT_THAT(text, HasSubstr(at("2:17: `5 parsecs` has an unknown unit")));
  EXPECT_THAT(text, HasSubstr(at("6:5: unknown key `intervall`; did you mean `interval`?")));
  EXPECT_THAT(text, HasSubstr(at("8:11: instance `other`: there is no plugin `perf_colector`; "
                                 "did you mean `perf_collector`?")));
  EXPECT_THAT(text, HasSubstr(at("11:17: `0` is too small; it must be at least 1")));
  EXPECT_THAT(text, HasSubstr(at("15:9: route `wrong-way`: there is no instance `histroy`; did you mean `history`?")));
  EXPECT_THAT(text, HasSubstr(at("18:23: route `filtered`: unknown operator")));
  EXPECT_EQ(count_of(text, site.config_file().string()), 6) << text;
}

TEST_F(Validate, the_findings_come_as_json_too) {
  site.configure("instances:\n  host: {type: perf_collector, interval: never}\n");
  const Output output = site.picket({"validate", "--json"});
  EXPECT_EQ(output.exit_code, kConfigurationIsWrong);
  const auto answer = nlohmann::json::parse(output.out);
  EXPECT_EQ(answer.at("ok"), false);
  EXPECT_EQ(answer.at("findings").at(0).at("line"), 2);
  EXPECT_EQ(answer.at("findings").at(0).at("column"), 42);
}

TEST_F(Validate, a_file_that_is_not_there_is_named) {
  EXPECT_THAT(refusal(), HasSubstr(site.config_file().string() + ": there is no such file"));
}

TEST_F(Validate, what_is_no_file_is_refused_and_never_waited_for) {
  std::filesystem::create_directories(site.config_file().parent_path());
  ASSERT_EQ(run_to_end({"mkfifo", site.config_file().string()}).exit_code, 0);
  EXPECT_THAT(refusal(), HasSubstr(site.config_file().string() + ": is not a regular file"));
}

TEST_F(Validate, malformed_yaml_is_reported_with_its_place) {
  EXPECT_THAT(refusal("instances: {host: {type: perf_collector}\n"), HasSubstr(at("2:1: a `{` is not closed")));
}

TEST_F(Validate, a_key_that_is_given_twice_names_both_places) {
  EXPECT_THAT(refusal("instances:\n  host: {type: heartbeat}\n  host: {type: heartbeat}\n"),
              HasSubstr(at("3:3: `host` is given twice in this mapping; the first is at line 2, column 3")));
}

TEST_F(Validate, an_unknown_plugin_lists_those_that_there_are) {
  EXPECT_THAT(refusal("instances:\n  host: {type: weather}\n"),
              HasSubstr(at("2:16: instance `host`: there is no plugin `weather`; one of `event_file`, `heartbeat`, "
                           "`perf_collector`, ")));
}

TEST_F(Validate, a_name_that_two_files_define_names_both_places) {
  site.configure("instances:\n  host: {type: heartbeat}\n");
  const auto second = site.config_file().parent_path() / "conf.d" / "more.yaml";
  write_file(second, "instances:\n  host: {type: perf_collector}\n");
  EXPECT_THAT(refusal(), HasSubstr(second.string() + ":2:3: `host` is defined twice; it is also at " + at("2:3")));
}

TEST_F(Validate, what_only_the_plugin_can_check_has_its_place_too) {
  site.configure(
      "instances:\n  host:\n    type: perf_collector\n    interval: 300ms\n"
      "    groups: {cpu: {every: 500ms}}\n");
  const Output output = site.picket({"validate"});
  EXPECT_EQ(output.exit_code, kConfigurationIsWrong);
  EXPECT_THAT(output.err, testing::AllOf(HasSubstr(at("2:3: the plugin perf_collector refuses the settings of `host`")),
                                         HasSubstr("every")));
}

TEST_F(Validate, the_merged_file_is_printed_without_its_secrets) {
  site.configure(
      "instances:\n  beat: {type: heartbeat, interval: !secret pace}\n"
      "  history: {type: perf_database}\nroutes:\n  r: {from: beat, to: history}\n");
  write_file(site.directory() / "credentials" / "pace", "12345ms\n");
  std::filesystem::permissions(site.directory() / "credentials" / "pace", std::filesystem::perms(0600));
  const Environment credentials = {{"CREDENTIALS_DIRECTORY", (site.directory() / "credentials").string()}};
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"validate", "--print"}, {"validate", "--print", "--json"}}) {
    const Output output = site.picket(words, credentials);
    EXPECT_EQ(output.exit_code, 0) << output.err;
    EXPECT_THAT(output.out + output.err, Not(HasSubstr("12345")));
    EXPECT_THAT(output.out, HasSubstr("(secret)"));
    EXPECT_THAT(output.out, HasSubstr("commit_interval"));  // a default that the file does not mention
  }
  std::filesystem::permissions(site.directory() / "credentials" / "pace", std::filesystem::perms(0644));
  EXPECT_THAT(refusal(credentials), HasSubstr(at("2:37: secret `pace`")));
}

TEST_F(Validate, what_it_prints_is_a_configuration_again) {
  site.configure(kMainJob);
  const Output printed = site.picket({"validate", "--print"});
  ASSERT_EQ(printed.exit_code, 0);
  site.configure(printed.out);
  const Output again = site.picket({"validate", "--print"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(again.out, printed.out);
}

}  // namespace
}  // namespace picket::integration

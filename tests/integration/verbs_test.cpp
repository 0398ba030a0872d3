// SPDX-License-Identifier: Apache-2.0
//
// The verbs that answer and end, and the promises that all of them share: help with an example, exit codes, clean JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "harness/history.hpp"

namespace picket::integration {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kUsage = 64;
constexpr int kUnavailable = 69;

TEST(Verbs, every_verb_explains_itself_with_an_example_and_its_exit_codes) {
  const std::vector<std::vector<std::string>> verbs = {
      {"run"}, {"once"}, {"plugins", "list"}, {"plugins", "describe"}, {"plot"}, {"query"}, {"validate"}, {"version"}};
  const Output overview = run_picket({"--help"});
  EXPECT_EQ(overview.exit_code, 0);
  EXPECT_TRUE(overview.out.ends_with('\n'));
  for (std::vector<std::string> words : verbs) {
    SCOPED_TRACE(words.front());
    EXPECT_THAT(overview.out, ContainsRegex("\n  " + words.front() + " "));
    std::string command = "picket";
    for (const std::string& word : words) command += " " + word;
    words.emplace_back("--help");
    const Output help = run_picket(words);
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_THAT(help.err, IsEmpty());
    EXPECT_THAT(help.out, AllOf(HasSubstr("Examples:\n  " + command), HasSubstr("Exit codes:\n  0   done\n")));
    EXPECT_TRUE(help.out.ends_with('\n'));
  }
}

TEST(Verbs, a_wrong_command_line_is_64_and_says_where_help_is) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{},
                                                                                     {"frobnicate"},
                                                                                     {"run", "--frobnicate"},
                                                                                     {"plugins"},
                                                                                     {"query", "--last"},
                                                                                     {"run", "--log-level", "loud"}}) {
    const Output output = run_picket(words);
    EXPECT_EQ(output.exit_code, kUsage);
    EXPECT_THAT(output.err, HasSubstr("--help`."));
    EXPECT_THAT(output.out, IsEmpty());
  }
}

TEST(Verbs, version_as_json_names_the_abi) {
  const Output output = run_picket({"version", "--json"});
  ASSERT_EQ(output.exit_code, 0);
  const json answer = json::parse(output.out);
  EXPECT_EQ(answer.at("abi"), "1.0");
  EXPECT_THAT(answer.at("version").get<std::string>(), ContainsRegex("^[0-9]+\\.[0-9]+\\.[0-9]+"));
}

TEST(Once, prints_this_machines_metrics_and_stores_nothing) {
  const Site site;
  site.configure(kMainJob);
  const Output text = site.picket({"once"});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, AllOf(HasSubstr("NAME"), ContainsRegex("system.memory.limit +[0-9.]+ [KMGT]iB\n"),
                              ContainsRegex("system.cpu.utilization +cpu.mode=user +[0-9.]+ %\n")));
  const Output output = site.picket({"once", "--json"});
  ASSERT_EQ(output.exit_code, 0) << output.err;
  const json answer = json::parse(output.out);
  double utilization = 0;
  for (const json& metric : answer.at("host").at("metrics")) {
    EXPECT_TRUE(metric.at("value").is_number()) << metric;
    if (metric.at("name") == "system.cpu.utilization") utilization += metric.at("value").get<double>();
  }
  EXPECT_NEAR(utilization, 1, 0.01) << "the modes part the whole";
  EXPECT_FALSE(std::filesystem::exists(site.history()));
}

TEST(Once, works_beside_a_running_daemon) {
  const Site site;
  site.configure(kMainJob);
  const auto daemon = site.run_until_ready();
  EXPECT_EQ(site.picket({"once"}).exit_code, 0);
  EXPECT_EQ(stop(*daemon), 0);
}

TEST(Once, an_instance_that_there_is_not_is_wrong_use) {
  const Site site;
  site.configure(kMainJob);
  const Output output = site.picket({"once", "--instance", "guest"});
  EXPECT_EQ(output.exit_code, kUsage);
  EXPECT_THAT(output.err, HasSubstr("no instance is called 'guest'"));
}

TEST(Plugins, those_of_this_build_are_listed_and_described) {
  const std::string folder = plugin_folder().string();
  const Output list = run_picket({"plugins", "list", "--json", "--plugin-path", folder});
  ASSERT_EQ(list.exit_code, 0) << list.err;
  std::set<std::string> ids;
  for (const json& plugin : json::parse(list.out)) {
    EXPECT_EQ(plugin.at("abi"), "1.0");
    ids.insert(plugin.at("id"));
  }
  for (const std::string id : {"heartbeat", "perf_collector", "perf_database"}) {
    EXPECT_TRUE(ids.contains(id)) << id;
    const Output described = run_picket({"plugins", "describe", id, "--plugin-path", folder});
    EXPECT_EQ(described.exit_code, 0);
    EXPECT_THAT(described.out, AllOf(HasSubstr("# " + id + " "), HasSubstr("    type: " + id + "\n")));
    const Output schema = run_picket({"plugins", "describe", id, "--json", "--plugin-path", folder});
    EXPECT_EQ(json::parse(schema.out).at("type"), "object");
  }
}

TEST(Plugins, the_described_settings_are_a_configuration_as_they_stand) {
  const Site site;
  for (const std::string id : {"heartbeat", "perf_collector", "perf_database"}) {
    const Output described = run_picket({"plugins", "describe", id, "--plugin-path", plugin_folder().string()});
    site.configure(described.out);
    const Output checked = site.picket({"validate"});
    EXPECT_EQ(checked.exit_code, 0) << id << ": " << checked.err;
  }
}

TEST(Plugins, an_unknown_one_is_unavailable_with_a_suggestion) {
  const Output output = run_picket({"plugins", "describe", "hartbeat", "--plugin-path", plugin_folder().string()});
  EXPECT_EQ(output.exit_code, kUnavailable);
  EXPECT_THAT(output.err, HasSubstr("did you mean `heartbeat`?"));
}

TEST(Plugins, an_empty_folder_is_unavailable) {
  const TemporaryDirectory empty;
  EXPECT_EQ(run_picket({"plugins", "list", "--plugin-path", empty.path().string()}).exit_code, kUnavailable);
}

TEST(Query, without_a_history_yet_says_so) {
  const Site site;
  site.configure(kMainJob);
  const Output output = site.picket({"query"});
  EXPECT_EQ(output.exit_code, kUnavailable) << output.err;
  EXPECT_THAT(output.err, HasSubstr("picket query: "));
}

TEST(Query, answers_as_a_table_as_csv_as_json_and_as_charts) {
  const Site site;
  site.configure(kMainJob);
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_for_samples(site, "system.memory.limit", 3));
  EXPECT_THAT(site.picket({"query", "system.memory.*"}).out,
              AllOf(HasSubstr("NAME "), ContainsRegex("system.memory.limit +[0-9.]+ [KMGT]iB ")));
  EXPECT_THAT(site.picket({"query", "system.memory.limit", "--csv"}).out,
              AllOf(HasSubstr("name,attributes,source,host,unit,"), HasSubstr("\nsystem.memory.limit,{},host,")));
  EXPECT_EQ(query(site, {"system.memory.limit"}).at("series").size(), 1U);
  EXPECT_TRUE(query(site, {"no.such.series"}).is_null());
  EXPECT_EQ(site.picket({"query", "--last", "soon"}).exit_code, kUsage);
  EXPECT_THAT(site.picket({"plot", "system.memory.limit", "--last", "5m", "--ascii"}).out,
              AllOf(HasSubstr("system.memory.limit\n"), HasSubstr("iB +"), HasSubstr(" LAST ")));
  EXPECT_THAT(site.picket({"plot", "system.memory.limit", "--format", "svg"}).out,
              AllOf(HasSubstr("<svg "), HasSubstr("system.memory.limit</title>")));
  EXPECT_EQ(stop(*daemon), 0);
}

}  // namespace
}  // namespace picket::integration

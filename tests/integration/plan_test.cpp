// SPDX-License-Identifier: Apache-2.0
//
// `picket plan`, beside a daemon and between two files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <map>
#include <nlohmann/json.hpp>

#include "harness/history.hpp"

namespace picket::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Plan : public testing::Test {
 protected:
  Plan() { site.add_plugins(fixture_folder()); }

  static std::string configuration(const std::string& beat, const std::string& more = "",
                                   const std::string& routes = "") {
    return "instances:\n"
           "  host: {type: perf_collector, interval: 1h, groups: {memory: {}}}\n"
           "  beat: {type: heartbeat, interval: " +
           beat + "}\n  out: {type: unsteady}\n" + more + "routes:\n  main: {from: [host, beat], to: out}\n" + routes;
  }

  Site site;
};

TEST_F(Plan, says_what_a_reload_would_do_and_the_reload_does_that) {
  site.configure(configuration("10s"));
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_until([&] { return std::filesystem::exists(site.state() / "running.json"); }));
  struct stat info {};
  ASSERT_EQ(stat((site.state() / "running.json").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  const Output same = site.picket({"plan"});
  EXPECT_EQ(same.exit_code, 0) << same.err;
  EXPECT_THAT(same.out, AllOf(HasSubstr("against generation 1 in "), HasSubstr("nothing to do")));

  std::string changed = configuration("20s", "  fresh: {type: unsteady}\n", "  side: {from: beat, to: fresh}\n");
  changed.replace(changed.find("memory: {}"), 10, "memory: {}, cpu: {}");
  site.configure(changed);
  const Output plan = site.picket({"plan"});
  EXPECT_EQ(plan.exit_code, 0) << plan.err;
  EXPECT_THAT(plan.out,
              AllOf(HasSubstr("restart"), HasSubstr("interval: 10s -> 20s"), HasSubstr("reconfigure"),
                    HasSubstr("left alone: 1 instance (out), 1 route (main)"), HasSubstr("nothing would be lost")));
  const auto described = nlohmann::json::parse(site.picket({"plan", "--json"}).out);
  std::map<std::string, std::string> actions;
  for (const auto& item : described.at("items")) actions[item.at("name")] = item.at("action");
  EXPECT_EQ(actions, (std::map<std::string, std::string>{{"beat", "restart"},
                                                         {"fresh", "start"},
                                                         {"host", "reconfigure"},
                                                         {"out", "keep"},
                                                         {"main", "keep"},
                                                         {"side", "add"}}));
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->wait_for_err("configuration reloaded generation=2")) << daemon->err();
  EXPECT_THAT(daemon->err(), HasSubstr("hash=" + described.at("hash_after").get<std::string>() +
                                       " started=1 stopped=0 restarted=1 reconfigured=1 rewired=1"));
  EXPECT_TRUE(wait_until([&] { return site.picket({"plan"}).out.find("nothing to do") != std::string::npos; }));
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_THAT(site.picket({"plan"}).out, HasSubstr("against generation 2 in ")) << "the daemon need not run";
}

TEST_F(Plan, what_would_be_lost_is_said_and_is_exit_code_1) {
  const auto old = site.directory() / "old.yaml";
  write_file(old, configuration("10s"));
  site.configure("instances:\n  beat: {type: heartbeat, interval: 10s}\n  host: {type: perf_collector}\nroutes: {}\n");
  const Output plan = site.picket({"plan", "--against", old.string()});
  EXPECT_EQ(plan.exit_code, 1) << plan.err;
  EXPECT_THAT(plan.out, AllOf(HasSubstr("would be lost:"), HasSubstr("route main: what waits for `out`, which goes")));
  EXPECT_THAT(plan.out, Not(HasSubstr("nothing would be lost")));
}

TEST_F(Plan, settings_of_the_command_line_are_no_difference) {
  site.configure(configuration("10s"));
  const auto daemon = site.run_until_ready();  // with --log-level debug
  ASSERT_TRUE(wait_until([&] { return std::filesystem::exists(site.state() / "running.json"); }));
  EXPECT_THAT(site.picket({"plan"}).out, HasSubstr("nothing to do"));
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(Plan, a_configuration_that_is_wrong_is_exit_code_78_also_where_only_the_plugin_knows) {
  site.configure(configuration("10s"));
  const auto old = site.directory() / "old.yaml";
  write_file(old, configuration("10s"));
  const auto against = [&] { return site.picket({"plan", "--against", old.string()}); };
  EXPECT_EQ(against().exit_code, 0);
  site.configure(configuration("10s", "  x: {type: nothing}\n"));
  EXPECT_EQ(against().exit_code, kConfigurationIsWrong);
  site.configure(configuration("10s", "  x: {type: refusing}\n"));
  const Output refused = against();
  EXPECT_EQ(refused.exit_code, kConfigurationIsWrong);
  EXPECT_THAT(refused.err, HasSubstr("refuses the settings of `x`"));
}

TEST_F(Plan, what_runs_must_be_known) {
  site.configure(configuration("10s"));
  const Output unknown = site.picket({"plan"});
  EXPECT_EQ(unknown.exit_code, 69);
  EXPECT_THAT(unknown.err, HasSubstr("it is not known what runs"));
  std::filesystem::create_directories(site.state());
  write_file(site.state() / "running.json", "{\"format\": 1");
  const Output damaged = site.picket({"plan"});
  EXPECT_EQ(damaged.exit_code, 69);
  EXPECT_THAT(damaged.err, HasSubstr("running.json is damaged"));
}

}  // namespace
}  // namespace picket::integration

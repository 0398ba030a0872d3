// SPDX-License-Identifier: Apache-2.0
//
// A reload that does not do well, or that nobody confirms, is rolled back; what it did not touch never notices.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "harness/history.hpp"
#include "harness/notify_socket.hpp"

namespace picket::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ReloadHealth : public testing::Test {
 protected:
  ReloadHealth() { site.add_plugins(fixture_folder()); }

  std::filesystem::path file(const std::string& name) const { return site.directory() / name; }

  std::string configuration(const std::string& more = "", const std::string& deadline = "500ms") const {
    return "daemon: {metrics: {interval: 100ms}, reload: {health_deadline: " + deadline +
           "}}\n"
           "instances:\n"
           "  beat: {type: heartbeat, interval: 10ms}\n"
           "  steady: {type: unsteady}\n"
           "  caller: {type: caller, inbox: " +
           file("inbox").string() +
           "}\n"
           "  history: {type: perf_database, commit_interval: 100ms}\n" +
           more +
           "routes:\n"
           "  beats: {from: beat, to: steady}\n"
           "  config: {from: picket, where: kind == \"config\", to: history}\n";
  }
  void call(const std::string& words) const {
    write_file(file("inbox.new"), words + "\n");
    std::filesystem::rename(file("inbox.new"), file("inbox"));
  }
  // Nothing that every configuration has in common was touched.
  static void expect_the_others_untouched(const Process& daemon) {
    for (const char* name : {"beat", "steady", "caller", "history"}) {
      EXPECT_EQ(count_of(daemon.err(), std::string("DEBUG ") + name + " running"), 1) << daemon.err();
    }
  }

  Site site;
};

TEST_F(ReloadHealth, an_instance_that_cannot_start_takes_the_whole_reload_back) {
  site.configure(configuration());
  const auto daemon = site.run_until_ready();
  write_file(file("obstacle"), "");
  site.configure(configuration("  odd: {type: unsteady, cannot_start_while: " + file("obstacle").string() + "}\n"));
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->wait_for_err("WARNING picket the previous configuration is in force again generation=3"))
      << daemon->err();
  EXPECT_THAT(daemon->err(), HasSubstr("ERROR picket generation 2 is rolled back: `odd` does not run (failed): start "
                                       "failed: there is an obstacle"));
  EXPECT_TRUE(daemon->wait_for_err("INFO odd removed"));

  std::filesystem::remove(file("obstacle"));  // and now it goes
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->wait_for_err("INFO picket configuration reloaded generation=4")) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
  expect_the_others_untouched(*daemon);
}

TEST_F(ReloadHealth, an_instance_of_bad_health_gets_its_old_settings_back) {
  site.configure(configuration("  odd: {type: unsteady}\n"));
  const auto daemon = site.run_until_ready();
  write_file(file("illness"), "");
  site.configure(configuration("  odd: {type: unsteady, ill_while: " + file("illness").string() + "}\n"));
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->wait_for_err("the previous configuration is in force again")) << daemon->err();
  EXPECT_THAT(daemon->err(), HasSubstr("`odd` is of bad health: there is an illness"));
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_EQ(count_of(daemon->err(), "DEBUG odd running"), 3) << "old, new, old\n" << daemon->err();
  expect_the_others_untouched(*daemon);
}

TEST_F(ReloadHealth, who_gets_well_in_time_is_kept) {
  site.configure(configuration("", "30s"));
  const auto daemon = site.run_until_ready();
  write_file(file("illness"), "");
  site.configure(configuration("  odd: {type: unsteady, ill_while: " + file("illness").string() + "}\n", "30s"));
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->wait_for_err("DEBUG odd running"));
  EXPECT_THAT(daemon->err(), Not(HasSubstr("configuration reloaded")));
  std::filesystem::remove(file("illness"));
  EXPECT_TRUE(daemon->wait_for_err("configuration reloaded generation=2")) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
  expect_the_others_untouched(*daemon);
}

TEST_F(ReloadHealth, a_confirmed_reload_stays_and_meanwhile_no_other_is_taken) {
  site.configure(configuration());
  const auto daemon = site.run_until_ready();
  site.configure(configuration("  odd: {type: unsteady}\n"));
  call("reload {\"confirm\": \"1h\"}");
  ASSERT_TRUE(daemon->wait_for_err("INFO caller answer to reload (0): {\"generation\":2")) << daemon->err();
  EXPECT_THAT(daemon->err(), HasSubstr("rolled back unless it is confirmed generation=2 within=1h"));
  site.configure(configuration("  odder: {type: unsteady}\n"));
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->wait_for_err("ERROR picket the reload is refused: generation 2 awaits its confirmation"));
  call("confirm {}");
  ASSERT_TRUE(daemon->wait_for_err("INFO picket the configuration is confirmed generation=2")) << daemon->err();
  daemon->signal(SIGHUP);
  EXPECT_TRUE(daemon->wait_for_err("configuration reloaded generation=3"));
  EXPECT_EQ(stop(*daemon), 0);
  expect_the_others_untouched(*daemon);
}

TEST_F(ReloadHealth, without_its_confirmation_a_reload_goes_back_by_itself_and_every_step_is_an_event) {
  site.configure(configuration());
  const auto daemon = site.run_until_ready();
  site.configure(configuration("  odd: {type: unsteady}\n"));
  call("reload {\"confirm\": \"300ms\"}");
  ASSERT_TRUE(daemon->wait_for_err("ERROR picket generation 2 is rolled back: it was not confirmed within 300ms"))
      << daemon->err();
  ASSERT_TRUE(daemon->wait_for_err("the previous configuration is in force again generation=3"));
  site.configure("instances: {x: {type: nothing}}\n");
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->wait_for_err("the new configuration is refused"));
  EXPECT_EQ(stop(*daemon), 0);
  expect_the_others_untouched(*daemon);
  EXPECT_EQ(sqlite(site.history() / "meta.db",
                   "SELECT group_concat((fields ->> '$.outcome') || ' ' || (fields ->> '$.generation'), ', ') FROM "
                   "(SELECT fields FROM events WHERE fields ->> '$.outcome' IS NOT NULL ORDER BY rowid)"),
            "applied 1, applied 2, rolled_back 3, refused 3");
}

TEST_F(ReloadHealth, a_stop_while_a_confirmation_is_awaited_is_clean_and_rolls_nothing_back) {
  site.configure(configuration());
  const auto daemon = site.run_until_ready();
  site.configure(configuration("  odd: {type: unsteady}\n"));
  call("reload {\"confirm\": \"1h\"}");
  ASSERT_TRUE(daemon->wait_for_err("rolled back unless it is confirmed")) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_THAT(daemon->err(), AllOf(HasSubstr("the daemon stops before its configuration was confirmed"),
                                   Not(HasSubstr("is rolled back:"))));
}

TEST_F(ReloadHealth, the_service_manager_hears_that_a_roll_back_is_over) {
  NotifyReceiver manager(file("notify"));
  site.configure(configuration());
  const auto daemon = site.run({{"NOTIFY_SOCKET", manager.address()}});
  ASSERT_TRUE(manager.wait_for("READY"));
  write_file(file("obstacle"), "");
  site.configure(configuration("  odd: {type: unsteady, cannot_start_while: " + file("obstacle").string() + "}\n"));
  daemon->signal(SIGHUP);
  ASSERT_TRUE(manager.wait_for("READY", 2)) << daemon->err();
  ASSERT_EQ(manager.values("MONOTONIC_USEC").size(), 1U);
  ASSERT_TRUE(wait_until([&] {
    return manager.values("STATUS").back().find("the last reload was refused or rolled back") != std::string::npos;
  }));
  EXPECT_EQ(stop(*daemon), 0);
}

}  // namespace
}  // namespace picket::integration

// SPDX-License-Identifier: Apache-2.0
//
// Starts that go wrong, wholly or in part: a state directory that is taken, plugin files that are no plugins, instances
// that fail while others run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "harness/history.hpp"

namespace picket::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(StateDirectory, a_second_daemon_is_refused_and_told_who_holds_it) {
  const Site site;
  site.configure(kMainJob);
  const auto first = site.run_until_ready();
  const auto second = site.run();
  EXPECT_EQ(second->wait_exit(), 1);
  EXPECT_THAT(second->err(), AllOf(HasSubstr("the state directory is in use"), HasSubstr(site.state().string()),
                                   HasSubstr("process " + std::to_string(first->id()))));
  EXPECT_TRUE(wait_for_samples(site, "system.memory.limit", 3)) << "the first one is not disturbed";
  EXPECT_EQ(stop(*first), 0);
}

TEST(StateDirectory, a_daemon_that_was_killed_holds_nothing) {
  const Site site;
  site.configure(kMainJob);
  site.run_until_ready()->kill9();
  const auto next = site.run_until_ready();
  EXPECT_EQ(stop(*next), 0);
}

TEST(StateDirectory, one_that_cannot_be_made_is_named) {
  const Site site;
  site.configure(kMainJob);
  write_file(site.directory() / "file", "");
  const auto daemon = site.run({{"STATE_DIRECTORY", (site.directory() / "file" / "state").string()}});
  EXPECT_EQ(daemon->wait_exit(), 1);
  EXPECT_THAT(daemon->err(), HasSubstr("cannot make the state directory " + (site.directory() / "file").string()));
}

// --- files that are no plugins --------------------------------------------------------------------------------------

class BrokenPlugin : public testing::Test {
 protected:
  BrokenPlugin() { site.add_plugins(fixture_folder()); }

  // What validate says of an instance of that type, which it must refuse, at the place of the type.
  std::string refusal(const std::string& type) {
    site.configure("instances:\n  odd: {type: " + type + "}\n");
    const Output output = site.picket({"validate"});
    EXPECT_EQ(output.exit_code, kConfigurationIsWrong);
    EXPECT_EQ(site.run()->wait_exit(), kConfigurationIsWrong);
    EXPECT_THAT(output.err, HasSubstr(site.config_file().string() + ":2:15: instance `odd`: "));
    EXPECT_THAT(output.err, Not(HasSubstr("there is no plugin")));
    EXPECT_THAT(output.err, HasSubstr("lib" + type + ".so"));
    return output.err;
  }

  Site site;
};

TEST_F(BrokenPlugin, one_of_another_major_says_which_side_to_update) {
  EXPECT_THAT(refusal("other_major"),
              HasSubstr("it was built for plugin ABI 2.0; this daemon has 1.0: update the daemon"));
}

TEST_F(BrokenPlugin, one_that_needs_a_later_minor_says_which_side_to_update) {
  EXPECT_THAT(refusal("later_minor"),
              HasSubstr("it needs plugin ABI 1.99 or later; this daemon has 1.0: update the daemon"));
}

TEST_F(BrokenPlugin, a_library_without_the_symbol_is_no_plugin) {
  EXPECT_THAT(refusal("no_plugin"), HasSubstr("it does not export picket_plugin_v1"));
}

TEST_F(BrokenPlugin, a_file_that_is_no_library_says_what_the_loader_says) {
  write_file(site.directory() / "plugins" / "libscribble.so", "this is not a library, however it is called\n");
  site.add_plugins(site.directory() / "plugins");
  EXPECT_THAT(refusal("scribble"), HasSubstr("cannot be loaded"));
}

TEST_F(BrokenPlugin, a_file_that_was_renamed_is_found_out) {
  std::filesystem::create_directories(site.directory() / "plugins");
  std::filesystem::copy_file(plugin_folder() / "libheartbeat.so", site.directory() / "plugins" / "libpulse.so");
  site.add_plugins(site.directory() / "plugins");
  EXPECT_THAT(refusal("pulse"), HasSubstr("it says that it is 'heartbeat'"));
}

TEST_F(BrokenPlugin, the_list_shows_them_beside_the_good_ones) {
  const Output list =
      run_picket({"plugins", "list", "--plugin-path", fixture_folder().string() + ":" + plugin_folder().string()});
  EXPECT_EQ(list.exit_code, 1);
  EXPECT_THAT(list.out, AllOf(HasSubstr("perf_collector"), HasSubstr("other_major"), HasSubstr("no_plugin")));
  EXPECT_THAT(list.err, AllOf(HasSubstr("picket plugins: other_major: "), HasSubstr("picket plugins: no_plugin: ")));
}

// --- instances that fail --------------------------------------------------------------------------------------------

class FailingInstance : public testing::Test {
 protected:
  FailingInstance() { site.add_plugins(fixture_folder()); }

  // Runs the main job beside a failing instance; returns the log after a second try of it and a stop.
  std::string run_beside(const std::string& type, const std::string& reason) {
    std::string yaml = kMainJob;
    yaml.insert(yaml.find("  host:"), "  odd: {type: " + type + "}\n");
    site.configure(yaml + "  to-the-odd-one: {from: host, to: odd, on_full: drop_oldest}\n");

    const Output checked = site.picket({"validate"});
    EXPECT_EQ(checked.exit_code, kConfigurationIsWrong) << "what create refuses is found without a start";
    EXPECT_THAT(checked.err,
                AllOf(HasSubstr("the plugin " + type + " refuses the settings of `odd`"), HasSubstr(reason)));

    const auto daemon = site.run_until_ready();
    EXPECT_TRUE(daemon->wait_for_err("ERROR odd create failed: ", 2)) << daemon->err();
    EXPECT_TRUE(wait_for_samples(site, "system.memory.limit", 5)) << "the others run and store";
    daemon->signal(SIGUSR2);
    EXPECT_TRUE(daemon->wait_for_err("INFO odd state state=failed"));
    EXPECT_EQ(stop(*daemon), 0);
    return daemon->err();
  }

  Site site;
};

TEST_F(FailingInstance, one_in_c_that_refuses_is_tried_again_while_the_others_run) {
  EXPECT_THAT(run_beside("refusing", "the sensor is not plugged in"),
              HasSubstr("create failed: the sensor is not plugged in retry_in_ms=500"));
}

TEST_F(FailingInstance, an_exception_through_the_abi_stays_inside_its_instance) {
  EXPECT_THAT(run_beside("throwing", "thrown through the boundary"),
              HasSubstr("threw across the plugin boundary: thrown through the boundary"));
}

TEST_F(FailingInstance, it_starts_by_itself_when_the_trouble_is_over) {
  const auto obstacle = site.directory() / "obstacle";
  write_file(obstacle, "");
  site.configure("instances:\n  beat: {type: heartbeat, interval: 10ms}\n  odd: {type: unsteady, cannot_start_while: " +
                 obstacle.string() + "}\nroutes:\n  r: {from: beat, to: odd}\n");
  const auto daemon = site.run_until_ready();
  EXPECT_TRUE(daemon->wait_for_err("ERROR odd start failed: there is an obstacle: " + obstacle.string()));
  std::filesystem::remove(obstacle);
  EXPECT_TRUE(daemon->wait_for_err("INFO odd started in spite of everything")) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
}

}  // namespace
}  // namespace picket::integration

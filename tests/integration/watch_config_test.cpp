// SPDX-License-Identifier: Apache-2.0
//
// `picket run --watch-config` and `daemon.watch_config`: files that editors, packages and Kubernetes change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "harness/history.hpp"

namespace picket::integration {
namespace {

class WatchConfig : public testing::Test {
 protected:
  static std::string configuration(const std::string& more = "") {
    return "daemon: {watch_config: true, watch_delay: 50ms}\n"
           "instances:\n  beat: {type: heartbeat, interval: 1s}\n" +
           more;
  }
  static std::string another(const std::string& name) { return "  " + name + ": {type: heartbeat, interval: 1s}\n"; }
  void rename_over(const std::string& text) const {
    const auto aside = site.config_file().parent_path() / "picket.yaml.tmp";
    write_file(aside, text);
    std::filesystem::rename(aside, site.config_file());
  }

  Site site;
};

TEST_F(WatchConfig, a_file_that_is_written_or_renamed_over_is_reloaded) {
  site.configure(configuration());
  const auto daemon = site.run_until_ready();
  site.configure(configuration(another("written")));
  EXPECT_TRUE(daemon->wait_for_err("DEBUG written running")) << daemon->err();
  rename_over(configuration(another("renamed")));
  EXPECT_TRUE(daemon->wait_for_err("DEBUG renamed running")) << daemon->err();
  rename_over(configuration(another("again")));  // the watch is on the directory, not on the file that is gone
  EXPECT_TRUE(daemon->wait_for_err("DEBUG again running")) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_EQ(count_of(daemon->err(), "DEBUG beat running"), 1);
}

TEST_F(WatchConfig, conf_d_counts_also_when_it_comes_later) {
  site.configure(configuration());
  const auto daemon = site.run_until_ready();
  const auto folder = site.config_file().parent_path() / "conf.d";
  std::filesystem::create_directories(folder);
  write_file(folder / "a.yaml", "instances:\n" + another("first"));
  EXPECT_TRUE(daemon->wait_for_err("DEBUG first running")) << daemon->err();
  write_file(folder / "b.yaml", "instances:\n" + another("second"));
  EXPECT_TRUE(daemon->wait_for_err("DEBUG second running")) << daemon->err();
  std::filesystem::remove(folder / "a.yaml");
  EXPECT_TRUE(daemon->wait_for_err("INFO first removed")) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(WatchConfig, a_bad_file_changes_nothing_and_is_told_once) {
  site.configure(configuration());
  const auto daemon = site.run_until_ready();
  site.configure(configuration("  bad: {type: nothing}\n"));
  ASSERT_TRUE(daemon->wait_for_err("the new configuration is refused; nothing was changed")) << daemon->err();
  site.configure(configuration("  bad: {type: nothing}\n"));  // the same again
  write_file(site.config_file().parent_path() / "else.txt", "something else in the directory");
  site.configure(configuration(another("good")));
  EXPECT_TRUE(daemon->wait_for_err("DEBUG good running")) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_EQ(count_of(daemon->err(), "the new configuration is refused"), 1);
}

TEST_F(WatchConfig, a_link_that_is_swapped_as_kubernetes_does_it_is_seen) {
  const auto mount = site.directory() / "mount";
  const auto version = [&](const std::string& name, const std::string& text) {
    std::filesystem::create_directories(mount / name);
    write_file(mount / name / "picket.yaml", text);
    std::filesystem::create_directory_symlink(name, mount / "..data_tmp");
    std::filesystem::rename(mount / "..data_tmp", mount / "..data");
  };
  version("..1", configuration());
  std::filesystem::create_symlink("..data/picket.yaml", mount / "picket.yaml");
  std::filesystem::create_directories(site.config_file().parent_path());
  std::filesystem::create_symlink(mount / "picket.yaml", site.config_file());
  const auto daemon = site.run_until_ready();
  version("..2", configuration(another("second")));
  std::filesystem::remove_all(mount / "..1");
  EXPECT_TRUE(daemon->wait_for_err("DEBUG second running")) << daemon->err();
  version("..3", configuration(another("third")));
  std::filesystem::remove_all(mount / "..2");
  EXPECT_TRUE(daemon->wait_for_err("DEBUG third running")) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(WatchConfig, it_can_be_switched_on_by_the_environment_and_off_by_the_file) {
  const std::string quiet = "daemon: {watch_delay: 50ms}\ninstances:\n  beat: {type: heartbeat, interval: 1s}\n";
  site.configure(quiet);
  const auto daemon = site.run_until_ready({{"PICKET_WATCH_CONFIG", "true"}});
  site.configure(quiet + another("first"));
  EXPECT_TRUE(daemon->wait_for_err("DEBUG first running")) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);

  site.configure(configuration());
  const auto other = site.run_until_ready();
  std::string off = configuration(another("second"));
  off.replace(off.find("watch_config: true"), 18, "watch_config: false");
  site.configure(off);
  EXPECT_TRUE(other->wait_for_err("DEBUG second running")) << other->err();
  site.configure(off + another("third"));
  other->signal(SIGHUP);
  EXPECT_TRUE(other->wait_for_err("DEBUG third running"));
  EXPECT_EQ(stop(*other), 0);
  EXPECT_EQ(count_of(other->err(), "the files of the configuration have changed"), 1);
}

}  // namespace
}  // namespace picket::integration

// SPDX-License-Identifier: Apache-2.0
//
// Plugins that come with the SDK, in the real daemon: the example, and the template built as an author builds it and
// dropped into a folder while the daemon runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "harness/history.hpp"

namespace picket::integration {
namespace {

constexpr std::chrono::seconds kForACompiler{300};  // on a busy machine

class SdkPlugins : public testing::Test {
 protected:
  // Builds the template against an installed SDK, and returns the folder with the result.
  std::filesystem::path build_template() {
    const auto folder = site.directory();
    run({PICKET_CMAKE, "--install", PICKET_BUILD_FOLDER, "--component", "sdk", "--prefix", (folder / "sdk").string()});
    std::filesystem::copy(PICKET_TEMPLATE, folder / "source", std::filesystem::copy_options::recursive);
    run({PICKET_CMAKE, "-S", (folder / "source").string(), "-B", (folder / "build").string(), "-G", "Ninja",
         std::string("-DCMAKE_CXX_COMPILER=") + PICKET_COMPILER, "-DCMAKE_PREFIX_PATH=" + (folder / "sdk").string(),
         "-DEVENT_TALLY_TESTS=OFF"});
    run({PICKET_CMAKE, "--build", (folder / "build").string()});
    return folder / "build" / "plugins";
  }
  static void run(const std::vector<std::string>& words) {
    const Output output = run_to_end(words, {}, kForACompiler);
    ASSERT_EQ(output.exit_code, 0) << output.out << output.err;
  }

  Site site;
};

TEST_F(SdkPlugins, the_template_is_loaded_by_a_running_daemon_and_gets_its_events) {
  const auto dropped_into = site.directory() / "plugins";
  std::filesystem::create_directories(dropped_into);
  site.add_plugins(dropped_into);
  const std::string instances = "instances:\n  beat: {type: heartbeat, interval: 20ms}\n";
  site.configure(instances);
  const auto daemon = site.run_until_ready();
  site.configure(instances + "  tally: {type: event_tally, kinds: 5}\nroutes:\n  r: {from: beat, to: tally}\n");
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->wait_for_err("there is no plugin `event_tally`")) << "not yet";

  const auto built = build_template();
  ASSERT_FALSE(HasFatalFailure());
  std::filesystem::copy_file(built / "libevent_tally.so", dropped_into / "libevent_tally.so");
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->wait_for_err("DEBUG tally running")) << daemon->err();
  EXPECT_TRUE(wait_until([&] {
    daemon->signal(SIGUSR2);
    const std::string log = daemon->err();
    const std::size_t line = log.rfind("route=r to=tally in=");
    return line != std::string::npos && log.find(" delivered=0 ", line) == std::string::npos &&
           log.find(" delivered=", line) != std::string::npos;
  })) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_EQ(count_of(daemon->err(), "DEBUG beat running"), 1);
}

TEST_F(SdkPlugins, what_a_filter_lets_through_becomes_a_row_of_the_events) {
  site.configure(R"(
instances:
  beat: {type: heartbeat, interval: 10ms}
  history: {type: perf_database, commit_interval: 100ms}
routes:
  some:
    from: beat
    where: kind == "heartbeat" and severity >= info and fields.count > 3 and count <= 6
    to: history
)");
  const auto daemon = site.run_until_ready();
  const auto file = site.history() / "meta.db";
  EXPECT_TRUE(wait_until([&] { return sqlite(file, "SELECT count(*) FROM events") == "3"; })) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_EQ(sqlite(file, "SELECT kind, source, fields ->> '$.count' FROM events ORDER BY id"),
            "heartbeat|beat|4\nheartbeat|beat|5\nheartbeat|beat|6");
}

}  // namespace
}  // namespace picket::integration

// SPDX-License-Identifier: Apache-2.0
//
// systemd's notify protocol, with this test as the service manager: what `Type=notify-reload` with a watchdog relies on
// (sd_notify(3), systemd.service(5)).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <time.h>

#include "harness/notify_socket.hpp"
#include "harness/site.hpp"

namespace picket::integration {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;

std::int64_t monotonic_us() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

class ServiceManager : public testing::Test {
 protected:
  ServiceManager() : manager(site.directory() / "notify") { site.configure(kMainJob); }

  std::unique_ptr<Process> run(Environment environment = {}) {
    environment["NOTIFY_SOCKET"] = manager.address();
    return site.run(environment);
  }
  // What came, without pings and status lines.
  std::vector<std::string> milestones() {
    std::vector<std::string> result;
    for (const std::string& message : manager.messages()) {
      for (const char* key : {"READY=1", "RELOADING=1", "STOPPING=1"}) {
        if (message.find(key) != std::string::npos) result.emplace_back(key);
      }
    }
    return result;
  }

  Site site;
  NotifyReceiver manager;
};

TEST_F(ServiceManager, a_life_is_told_in_order) {
  const auto daemon = run();
  ASSERT_TRUE(manager.wait_for("READY")) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_THAT(milestones(), ElementsAre("READY=1", "STOPPING=1"));
  EXPECT_THAT(manager.values("STATUS"), Contains("2 of 2 instances running, 1 routes"));
}

TEST_F(ServiceManager, ready_means_that_every_instance_was_started) {
  const auto daemon = run();
  ASSERT_TRUE(manager.wait_for("READY"));
  // Written just after READY was told; what we read of the log may be behind what we hear of the socket.
  ASSERT_TRUE(daemon->wait_for_err("INFO picket ready"));
  const std::string log = daemon->err();
  EXPECT_THAT(log.substr(0, log.find("INFO picket ready")),
              AllOf(HasSubstr("DEBUG host running"), HasSubstr("DEBUG history running")));
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(ServiceManager, a_reload_says_when_it_began_and_when_it_is_over) {
  const auto daemon = run();
  ASSERT_TRUE(manager.wait_for("READY"));
  const std::int64_t before = monotonic_us();
  daemon->signal(SIGHUP);
  ASSERT_TRUE(manager.wait_for("READY", 2)) << daemon->err();
  const std::int64_t after = monotonic_us();
  ASSERT_THAT(milestones(), ElementsAre("READY=1", "RELOADING=1", "READY=1"));
  const auto times = manager.values("MONOTONIC_USEC");
  ASSERT_EQ(times.size(), 1U);
  EXPECT_THAT(std::stoll(times[0]), AllOf(Ge(before), Le(after)));
  for (const std::string& message : manager.messages()) {
    if (message.find("RELOADING=1") != std::string::npos) {
      EXPECT_THAT(message, HasSubstr("MONOTONIC_USEC=")) << "both belong into one datagram";
    }
  }
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(ServiceManager, a_refused_reload_is_over_too_and_the_status_says_so) {
  const auto daemon = run();
  ASSERT_TRUE(manager.wait_for("READY"));
  site.configure("instances: [\n");
  daemon->signal(SIGHUP);
  ASSERT_TRUE(manager.wait_for("READY", 2)) << daemon->err();
  EXPECT_TRUE(wait_until(
      [&] { return manager.values("STATUS").back().find("the last reload was refused") != std::string::npos; }));
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(ServiceManager, the_watchdog_is_fed_until_the_stop) {
  const auto daemon = run({{"WATCHDOG_USEC", "200000"}});
  EXPECT_TRUE(manager.wait_for("WATCHDOG", 5));
  EXPECT_EQ(stop(*daemon), 0);
}

TEST_F(ServiceManager, a_watchdog_of_another_process_is_left_alone) {
  const auto daemon = run({{"WATCHDOG_USEC", "1000"}, {"WATCHDOG_PID", "1"}});
  ASSERT_TRUE(manager.wait_for("READY"));
  daemon->signal(SIGHUP);
  ASSERT_TRUE(manager.wait_for("READY", 2));  // many milliseconds later
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_THAT(manager.values("WATCHDOG"), ElementsAre());
}

TEST_F(ServiceManager, a_manager_that_is_not_there_does_not_stop_the_daemon) {
  const auto daemon = site.run_until_ready({{"NOTIFY_SOCKET", (site.directory() / "nobody").string()}});
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_EQ(count_of(daemon->err(), "cannot notify the service manager"), 1) << daemon->err();
}

}  // namespace
}  // namespace picket::integration

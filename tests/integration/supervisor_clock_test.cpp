// SPDX-License-Identifier: Apache-2.0
//
// The wall clock steps by a year, forward and back, under a supervisor in whose programs everything waits that can wait
// for time: none of them notices. Only CLOCK_REALTIME of the daemon and of the holder is faked (libfaketime). Not built
// with sanitizers, whose runtimes must be loaded before any other library. No checks of files or ports: their answers
// come by timers that are due at once, which do not run under libfaketime after a step.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>

#include "harness/supervised_site.hpp"

namespace picket::integration {
namespace {

using nlohmann::json;

constexpr std::int64_t kYear = 366LL * 24 * 3'600;  // s
constexpr std::int64_t kMonth = 30LL * 24 * 3'600;
// A program that is ready for so long becomes running, which is a change by itself.
constexpr const char* kStays = "backoff: {reset_after: 1d}";

class SupervisorClock : public testing::Test, protected SupervisedSite {
 protected:
  std::size_t checks() const {
    std::error_code error;
    const auto size = std::filesystem::file_size(path("checks"), error);
    return error ? 0 : static_cast<std::size_t>(size);
  }
  // What must not change: everything that has happened to it.
  json history_of(const std::string& name) const {
    const json now = status(name);
    return {{"transitions", transitions(name)},
            {"starts", now.value("starts", 0)},
            {"pid", now.value("pid", 0)},
            {"failures", now.value("failures_in_a_row", 0)},
            {"restarts", now.value("restarts", 0)}};
  }
  // Against this test's clock, which nobody changes; by a transition that is made for it.
  std::int64_t seconds_ahead() const {
    jobs({"restart", "control"});
    const std::int64_t newest_ns = transitions("control").back().value("time_ns", std::int64_t{0});
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return newest_ns / 1'000'000'000 - std::chrono::duration_cast<std::chrono::seconds>(now).count();
  }
};

TEST_F(SupervisorClock, a_step_by_a_year_either_way_changes_no_state) {
  configure(shell("web", "exec sleep 1000",
                  "healthy: {command: [/bin/sh, -c, \"echo >> " + path("checks") + "\"], every: 50ms, timeout: 1h}, " +
                      kStays) +
            shell("dog", "exec sleep 1000", std::string("watchdog: 1d, ") + kStays) +
            shell("unready", "exec sleep 1000", "ready: {log: never, timeout: 1d}") +
            shell("crashed", "exit 3", "backoff: {initial: 1h, max: 1h}") +
            shell("stubborn", "trap '' TERM; echo up; while :; do sleep 1; done",
                  "ready: {log: up, timeout: 1h}, stop_timeout: 1d") +
            shell("hourly", "touch " + path("ran-hourly"), "type: task, schedule: {every: 1h}") +
            shell("yearly", "touch " + path("ran-yearly"), "type: task, schedule: {cron: \"@yearly\"}") +
            shell("control", "exec sleep 1000"));
  const std::string offset = path("offset");
  write_file(offset, "+0");
  run({{"LD_PRELOAD", PICKET_FAKETIME},
       {"FAKETIME_TIMESTAMP_FILE", offset},
       {"FAKETIME_NO_CACHE", "1"},
       {"FAKETIME_DONT_FAKE_MONOTONIC", "1"}});
  for (const char* const name : {"web", "dog", "stubborn", "control"}) ASSERT_TRUE(wait_up(name)) << name;
  ASSERT_TRUE(wait_state("crashed", {"backoff"}));
  ASSERT_TRUE(wait_state("unready", {"starting"}));
  ASSERT_TRUE(wait_until([&] { return pid("unready") != 0; }));
  ASSERT_EQ(jobs({"stop", "stubborn", "--no-wait"}).exit_code, 0);
  ASSERT_TRUE(wait_state("stubborn", {"stopping"}));
  ASSERT_LT(std::abs(seconds_ahead()), kMonth);

  const char* const still[] = {"web", "dog", "unready", "crashed", "stubborn", "hourly", "yearly"};
  std::map<std::string, json> before;
  for (const char* const name : still) before[name] = history_of(name);
  for (const std::int64_t step : {kYear, std::int64_t{0}, -kYear, std::int64_t{0}}) {
    write_file(offset, (step < 0 ? "" : "+") + std::to_string(step));
    // It is in the new time, and has gone on looking and measuring there.
    const std::size_t done = checks();
    ASSERT_TRUE(wait_until([&] { return std::abs(seconds_ahead() - step) < kMonth; })) << step;
    ASSERT_TRUE(wait_until([&] { return checks() > done + 20; }, kLongPatience)) << step;
    for (const char* const name : still) {
      EXPECT_EQ(history_of(name), before[name]) << name << " after a step to " << step;
    }
    const double uptime = status("web").value("uptime_s", -1.0);
    EXPECT_GE(uptime, 0) << step;
    EXPECT_LT(uptime, static_cast<double>(kMonth)) << step;
  }
  EXPECT_FALSE(std::filesystem::exists(path("ran-hourly")));
  EXPECT_FALSE(std::filesystem::exists(path("ran-yearly")));
  EXPECT_EQ(daemon->err().find(" ERROR "), std::string::npos) << daemon->err();
}

}  // namespace
}  // namespace picket::integration

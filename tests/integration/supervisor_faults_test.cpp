// SPDX-License-Identifier: Apache-2.0
//
// Programs that cannot start, that crash all the time, or whose new settings are wrong: what is said of them, and that
// the others do not notice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "harness/supervised_site.hpp"

namespace picket::integration {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

class SupervisorFaults : public testing::Test, protected SupervisedSite {
 protected:
  // Starts of all programs whose name begins so.
  int starts_of_all(const std::string& beginning) const {
    int sum = 0;
    json programs;
    if (!wait_until([&] {
          const json answer = json::parse(jobs({"status", "--json"}).out, nullptr, false);
          if (answer.is_object()) programs = answer.value("programs", json());
          return programs.is_array();
        })) {
      throw std::runtime_error("no status");
    }
    for (const json& program : programs) {
      if (program.value("program", "").starts_with(beginning)) sum += program.value("starts", 0);
    }
    return sum;
  }
};

TEST_F(SupervisorFaults, a_start_that_cannot_work_names_its_step_and_the_error) {
  write_file(path("data"), "no program\n");
  std::filesystem::permissions(path("data"), std::filesystem::perms::owner_read);
  write_file(path("wrong.env"), "A=1\nthis is none\n");
  // Root may read every file, but no link to itself.
  std::filesystem::create_symlink(path("loop.env"), path("loop.env"));
  const std::string never = ", restart: never}\n";
  configure("      missing: {command: [/no/such/program]" + never +                                         //
            "      denied: {command: [" + path("data") + "]" + never +                                      //
            "      stranger: {command: [/bin/true], user: nobody-of-that-name" + never +                    //
            "      crowd: {command: [/bin/true], group: no-group-of-that-name" + never +                    //
            "      nowhere: {command: [/bin/true], directory: /no/such/folder" + never +                    //
            "      bare: {command: [/bin/true], environment_files: [/no/such/file]" + never +               //
            "      folder: {command: [/bin/true], environment_files: [" + path("etc") + "]" + never +       //
            "      looped: {command: [/bin/true], environment_files: [" + path("loop.env") + "]" + never +  //
            "      wrong: {command: [/bin/true], environment_files: [" + path("wrong.env") + "]" + never +  //
            "      mute: {command: [/bin/true], output: {file: /dev/null/log}" + never +                    //
            shell("web", "exec sleep 1000"));
  run();
  const std::pair<const char*, std::vector<std::string>> expected[] = {
      {"missing", {"program: /no/such/program", "ENOENT"}},
      {"denied", {"program: " + path("data"), "EACCES"}},
      {"stranger", {"user: nobody-of-that-name", "ENOENT"}},
      {"crowd", {"group: no-group-of-that-name", "ENOENT"}},
      {"nowhere", {"directory: /no/such/folder", "ENOENT"}},
      {"bare", {"environment file", "/no/such/file", "ENOENT"}},
      {"folder", {"environment file", path("etc"), "no regular file"}},
      {"looped", {"cannot read the environment file", path("loop.env"), "ELOOP"}},
      {"wrong", {path("wrong.env") + ":2", "NAME=VALUE"}},
      {"mute", {"output", "/dev/null/log", "ENOTDIR"}},
  };
  for (const auto& [name, parts] : expected) {
    ASSERT_TRUE(wait_state(name, {"failed"})) << name;
    const std::string said = note(name);
    for (const std::string& part : parts) EXPECT_THAT(said, HasSubstr(part)) << name;
  }
  EXPECT_TRUE(wait_up("web"));
  EXPECT_EQ(jobs({}).exit_code, 1);
}

TEST_F(SupervisorFaults, between_two_attempts_it_says_why_the_last_one_failed) {
  configure("      gone: {command: [/no/such/program], backoff: {initial: 1h, max: 1h}}\n");
  run();
  ASSERT_TRUE(wait_state("gone", {"backoff"}));
  EXPECT_THAT(note("gone"), AllOf(HasSubstr("/no/such/program"), HasSubstr("ENOENT")));
  EXPECT_EQ(restarts("gone", "start_failure"), 1);
}

TEST_F(SupervisorFaults, a_wrong_program_in_a_new_configuration_leaves_the_others_alone) {
  configure(shell("web", "exec sleep 1000") + shell("db", "exec sleep 1000"));
  run();
  ASSERT_TRUE(wait_up("web"));
  ASSERT_TRUE(wait_up("db"));
  const pid_t web = pid("web"), db = pid("db");
  configure(shell("web", "exec sleep 1000", "stop_signal: NONSENSE") + shell("db", "exec sleep 1000") +
            shell("more", "exec sleep 1000"));
  EXPECT_THAT(site.picket({"validate"}).err, HasSubstr("there is no signal \"NONSENSE\""));
  daemon->signal(SIGHUP);
  ASSERT_TRUE(daemon->wait_for_err("there is no signal"));
  ASSERT_TRUE(wait_until([&] { return count_of(jobs({"status", "more"}).out, "more") > 0; })) << "the rest counts";
  ASSERT_TRUE(wait_up("more"));
  EXPECT_THAT(note("web"), HasSubstr("new settings refused"));
  EXPECT_EQ(pid("web"), web);
  EXPECT_EQ(pid("db"), db);
  EXPECT_EQ(starts("web") + starts("db"), 2);
}

TEST_F(SupervisorFaults, two_hundred_that_crash_all_the_time_cost_no_more_than_the_limiter_lets_them) {
  constexpr int kCrashing = 200, kBurst = 20, kRate = 25;
  configure("      loop: {command: [/bin/false], count: " + std::to_string(kCrashing) +
                ", backoff: {initial: 0s, max: 0s}, output: {events: false}}\n" +
                shell("web", "exec sleep 1000", "backoff: {initial: 10ms}") + shell("db", "exec sleep 1000"),
            "", "    limiter: {rate: " + std::to_string(kRate) + ", burst: " + std::to_string(kBurst) + "}\n");
  const auto begun = std::chrono::steady_clock::now();
  run();
  ASSERT_TRUE(wait_up("web"));
  ASSERT_TRUE(wait_up("db"));
  const pid_t web = pid("web"), db = pid("db");
  // Each gets its turns, so that all have failed more often than once...
  ASSERT_TRUE(wait_until([&] { return starts_of_all("loop@") > 2 * kCrashing + kBurst; }, kLongPatience));
  // ...and one that fails for the first time has its turn before theirs.
  ASSERT_EQ(kill(web, SIGKILL), 0);
  ASSERT_TRUE(wait_up("web", 2));
  const int again = starts_of_all("loop@") - kCrashing;
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begun;
  EXPECT_LE(again, kBurst + kRate * passed.count() + 1);
  EXPECT_EQ(pid("db"), db);
  EXPECT_EQ(starts("db"), 1);
  EXPECT_EQ(starts("web"), 2);
  const Output stopped = jobs({"stop", "all"});
  EXPECT_EQ(stopped.exit_code, 0) << stopped.err;
  EXPECT_EQ(stop(*daemon), 0);
}

}  // namespace
}  // namespace picket::integration

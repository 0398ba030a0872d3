// SPDX-License-Identifier: Apache-2.0
//
// kill -9 at any moment: what could be read before is there afterwards, no file is damaged, and the next start works.
// PICKET_KILL_ROUNDS says how many times (benchmarks and long runs ask for more than the suite does).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <thread>

#include "harness/history.hpp"

namespace picket::integration {
namespace {

constexpr int kRounds = 12;

int rounds() {
  const char* const given = std::getenv("PICKET_KILL_ROUNDS");
  return given == nullptr ? kRounds : std::atoi(given);
}

// Opening a database to check it recovers it, too, so that is done with a copy: the daemon must manage by itself.
void expect_whole_files(const Site& site) {
  const TemporaryDirectory copy;
  std::filesystem::copy(site.history(), copy.path(), std::filesystem::copy_options::recursive);
  for (const auto& file : std::filesystem::directory_iterator(copy.path())) {
    EXPECT_EQ(file.path().string().find(".damaged"), std::string::npos);
    if (file.path().extension() == ".db") {
      EXPECT_EQ(sqlite(file.path(), "PRAGMA integrity_check"), "ok") << file.path();
    }
  }
}

void expect_contains(const std::vector<Sample>& all, const std::vector<Sample>& part) {
  EXPECT_TRUE(std::includes(all.begin(), all.end(), part.begin(), part.end()))
      << all.size() << " samples, " << part.size() << " before";
}

TEST(Kill, nothing_that_could_be_read_is_lost_whenever_the_daemon_is_killed) {
  const Site site;
  site.configure(kMainJob);
  std::mt19937 random(std::random_device{}());
  std::uniform_int_distribution<int> pause_ms(0, 400);
  std::vector<Sample> seen;
  for (int round = 0; round < rounds(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const auto daemon = site.run();
    // Every other round the kill hits the start.
    if (round % 2 == 0) {
      ASSERT_TRUE(wait_for_samples(site, kSteadySeries, seen.size())) << daemon->err();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms(random)));  // poll: the moment must be a random one
    const std::vector<Sample> before = round % 2 == 0 ? samples(site, kSteadySeries) : seen;
    daemon->kill9();
    const std::vector<Sample> after = samples(site, kSteadySeries);
    expect_contains(before, seen);
    expect_contains(after, before);
    expect_whole_files(site);
    EXPECT_EQ(daemon->err().find(" ERROR "), std::string::npos) << daemon->err();
    seen = after;
    if (HasFailure()) return;
  }
  const auto daemon = site.run_until_ready();
  ASSERT_TRUE(wait_for_samples(site, kSteadySeries, seen.size())) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
  expect_contains(samples(site, kSteadySeries), seen);
}

}  // namespace
}  // namespace picket::integration

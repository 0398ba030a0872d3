// SPDX-License-Identifier: Apache-2.0
//
// A disk that takes no more, and a directory that goes away under the daemon: collection goes on, the health says what
// is wrong, and storing goes on by itself when it can. The full disk is a limit on the size of files (setrlimit(2)),
// which needs no privileges and can be lifted from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>

#include "harness/history.hpp"

namespace picket::integration {
namespace {

class FullDisk : public testing::Test {
 protected:
  FullDisk() {
    site.configure(std::string("daemon: {metrics: {interval: 100ms}}\n") + kMainJob);  // as often, health is asked for
    daemon = site.run_until_ready();
  }

  void limit_files(rlim_t bytes) const {
    rlimit limit{};
    ASSERT_EQ(prlimit(daemon->id(), RLIMIT_FSIZE, nullptr, &limit), 0);
    limit.rlim_cur = bytes;  // the hard limit stays, so that this can be taken back
    ASSERT_EQ(prlimit(daemon->id(), RLIMIT_FSIZE, &limit, nullptr), 0);
  }

  // Asks for one dump after the other until the last line of `instance` has `text`.
  bool wait_for_state(const std::string& instance, const std::string& text) const {
    const std::string first = "INFO " + instance + " state ";
    return wait_until([&] {
      const int before = count_of(daemon->err(), first);
      daemon->signal(SIGUSR2);
      if (!daemon->wait_for_err(first, before + 1)) return false;
      const std::string log = daemon->err();
      const std::size_t line = log.rfind(first);
      return log.substr(line, log.find('\n', line) - line).find(text) != std::string::npos;
    });
  }

  Site site;
  std::unique_ptr<Process> daemon;
};

TEST_F(FullDisk, collection_goes_on_health_is_bad_and_storing_goes_on_when_there_is_room) {
  ASSERT_TRUE(wait_for_samples(site, kSteadySeries, 5));
  limit_files(4'096);
  ASSERT_TRUE(wait_for_state("history", "health=bad")) << daemon->err();
  EXPECT_TRUE(wait_for_state("host", "state=running"));
  const std::vector<Sample> before = samples(site, kSteadySeries);  // reading needs no room
  ASSERT_FALSE(before.empty());

  limit_files(RLIM_INFINITY);
  ASSERT_TRUE(wait_for_state("history", "health=good")) << daemon->err();
  ASSERT_TRUE(wait_for_samples(site, kSteadySeries, before.size() + 5)) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0) << daemon->err();
  const std::string log = daemon->err();
  const std::size_t ledger = log.rfind("INFO picket route ");
  EXPECT_THAT(log.substr(ledger, log.find('\n', ledger) - ledger), testing::HasSubstr(" dead=0 dropped=0 "));

  const std::vector<Sample> after = samples(site, kSteadySeries);
  EXPECT_TRUE(std::includes(after.begin(), after.end(), before.begin(), before.end()));
  // What was collected meanwhile waited in the queue: the gap is closed, none is there twice.
  EXPECT_EQ(std::adjacent_find(after.begin(), after.end(),
                               [](const Sample& a, const Sample& b) { return a.time_ms == b.time_ms; }),
            after.end());
  for (const auto& file : std::filesystem::directory_iterator(site.history())) {
    if (file.path().extension() != ".db") continue;
    EXPECT_EQ(sqlite(file.path(), "PRAGMA integrity_check"), "ok");
  }
}

TEST_F(FullDisk, a_history_that_goes_away_is_noticed_and_begun_again) {
  ASSERT_TRUE(wait_for_samples(site, kSteadySeries, 5));
  std::filesystem::rename(site.history(), site.state() / "taken");
  EXPECT_TRUE(daemon->wait_for_err("files were removed while in use")) << daemon->err();
  ASSERT_TRUE(wait_until([&] { return std::filesystem::exists(site.history() / "meta.db"); })) << daemon->err();
  ASSERT_TRUE(wait_for_samples(site, kSteadySeries, 5)) << daemon->err();
  EXPECT_TRUE(wait_for_state("history", "health=good"));
  EXPECT_EQ(stop(*daemon), 0);
}

}  // namespace
}  // namespace picket::integration

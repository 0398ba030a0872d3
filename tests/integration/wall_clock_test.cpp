// SPDX-License-Identifier: Apache-2.0
//
// The wall clock steps by an hour in the middle of a run, forward and back, by libfaketime: only CLOCK_REALTIME is
// faked, as when somebody sets the clock. Not built with sanitizers, whose runtimes must be loaded before any other
// library.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <time.h>

#include <array>

#include "harness/history.hpp"

namespace picket::integration {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kHourMs = 3'600'000;

class WallClock : public testing::Test {
 protected:
  WallClock() : offset(site.directory() / "offset") {
    site.configure(kMainJob);
    write_file(offset, "+0");
    daemon = site.run_until_ready({{"LD_PRELOAD", PICKET_FAKETIME},
                                   {"FAKETIME_TIMESTAMP_FILE", offset.string()},
                                   {"FAKETIME_NO_CACHE", "1"},
                                   {"FAKETIME_DONT_FAKE_MONOTONIC", "1"}});
  }

  static std::int64_t now_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  }
  // The samples from `hours` ago, give or take half an hour.
  std::vector<Sample> samples_around(int hours) const {
    const std::int64_t middle_s = now_ms() / 1'000 + hours * 3'600;
    const auto text = [](std::int64_t seconds) {
      const auto time = static_cast<time_t>(seconds);
      tm parts{};
      gmtime_r(&time, &parts);
      std::array<char, 32> buffer{};
      strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
      return std::string(buffer.data());
    };
    return samples(site, "system.memory.limit", "", {"--from", text(middle_s - 1'800), "--to", text(middle_s + 1'800)});
  }
  bool wait_for_more(int hours, std::size_t than) {
    return wait_until([&] { return samples_around(hours).size() > than; });
  }

  Site site;
  std::filesystem::path offset;
  std::unique_ptr<Process> daemon;
};

TEST_F(WallClock, a_step_forward_and_back_costs_no_sample_and_no_pace) {
  ASSERT_TRUE(wait_for_more(0, 5));
  write_file(offset, "+3600");
  ASSERT_TRUE(wait_for_more(1, 10)) << "collection goes on, in the new time:\n" << daemon->err();
  write_file(offset, "+0");
  const std::size_t before = samples_around(0).size();
  ASSERT_TRUE(wait_for_more(0, before + 10)) << "collection goes on, in the old time:\n" << daemon->err();

  daemon->signal(SIGUSR2);
  ASSERT_TRUE(daemon->wait_for_err("INFO picket route "));
  EXPECT_THAT(daemon->err(), HasSubstr(" dead=0 dropped=0 "));
  EXPECT_EQ(stop(*daemon), 0);
  EXPECT_EQ(daemon->err().find(" ERROR "), std::string::npos) << daemon->err();
  EXPECT_GT(samples_around(0).size(), before + 10) << "what was stored is still there";
  EXPECT_GT(samples_around(1).size(), 10U);
}

TEST_F(WallClock, a_step_back_by_an_hour_does_not_make_collection_wait_for_that_hour) {
  ASSERT_TRUE(wait_for_more(0, 5));
  write_file(offset, "-3600");
  EXPECT_TRUE(wait_for_more(-1, 10)) << daemon->err();
  EXPECT_EQ(stop(*daemon), 0);
}

}  // namespace
}  // namespace picket::integration

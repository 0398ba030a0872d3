// SPDX-License-Identifier: Apache-2.0
#include "service/notify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "platform/virtual_executor.hpp"

namespace picket::service {
namespace {

using platform::kSecond;
using testing::ElementsAre;
using testing::IsEmpty;

struct Sent {
  std::vector<std::string> datagrams;
  bool broken = false;
};

class FakeSocket final : public NotifySocket {
 public:
  explicit FakeSocket(Sent& sent) : sent_(sent) {}
  Result<void> send(std::string_view datagram) override {
    if (sent_.broken) return Error{"nobody there"};
    sent_.datagrams.emplace_back(datagram);
    return {};
  }

 private:
  Sent& sent_;
};

class NotifierTest : public testing::Test {
 protected:
  std::size_t pings() const { return sent_.datagrams.size(); }

  std::shared_ptr<platform::VirtualExecutor> executor_ = std::make_shared<platform::VirtualExecutor>();
  std::shared_ptr<platform::Lane> lane_ = platform::Lane::make(executor_);
  Sent sent_;
  std::vector<std::string> errors_;
  Notifier notifier_{std::make_unique<FakeSocket>(sent_), executor_->clock(),
                     [this](const std::string& message) { errors_.push_back(message); }};
};

TEST_F(NotifierTest, speaks_the_words_of_the_protocol) {
  notifier_.ready();
  notifier_.reloading();
  notifier_.status("5 instances\nREADY=1");
  notifier_.stopping();
  EXPECT_THAT(sent_.datagrams, ElementsAre("READY=1", "RELOADING=1\nMONOTONIC_USEC=1000000000",
                                           "STATUS=5 instances READY=1", "STOPPING=1"));
}

TEST_F(NotifierTest, a_failure_is_reported_once) {
  sent_.broken = true;
  notifier_.ready();
  notifier_.stopping();
  EXPECT_THAT(errors_, ElementsAre("nobody there"));
}

TEST_F(NotifierTest, without_a_socket_nothing_happens) {
  Notifier quiet(nullptr, executor_->clock(), nullptr);
  quiet.ready();
  quiet.start_watchdog(kSecond, lane_);
  EXPECT_FALSE(executor_->has_ready());
  EXPECT_FALSE(executor_->run_next_call());
}

TEST_F(NotifierTest, pings_at_half_of_the_watchdogs_interval) {
  notifier_.start_watchdog(30 * kSecond, lane_);
  executor_->run_for(60 * kSecond);
  EXPECT_THAT(sent_.datagrams, ElementsAre("WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"));
}

// An executor that no longer runs what is posted, as when the lane's thread hangs in a task.
TEST_F(NotifierTest, a_lane_that_hangs_stops_the_pings) {
  notifier_.start_watchdog(30 * kSecond, lane_);
  executor_->run_for(kSecond);
  ASSERT_EQ(pings(), 1U);
  lane_->post([this] {
    executor_->run_for(100 * kSecond);  // time passes inside this task: the lane does nothing else meanwhile
    EXPECT_EQ(pings(), 1U);
  });
  executor_->run_ready();
  EXPECT_EQ(pings(), 2U);  // one is enough when it comes back
}

TEST_F(NotifierTest, a_stopped_or_restarted_watchdog_leaves_no_pings_behind) {
  notifier_.start_watchdog(30 * kSecond, lane_);
  executor_->run_ready();
  notifier_.start_watchdog(30 * kSecond, lane_);
  executor_->run_for(15 * kSecond);
  EXPECT_EQ(pings(), 3U);
  notifier_.stop_watchdog();
  executor_->run_for(100 * kSecond);
  EXPECT_EQ(pings(), 3U);
}

TEST_F(NotifierTest, no_interval_means_no_watchdog) {
  notifier_.start_watchdog(0, lane_);
  executor_->run_for(100 * kSecond);
  EXPECT_THAT(sent_.datagrams, IsEmpty());
}

NotifyEnvironment read(const std::map<std::string, std::string>& variables) {
  return NotifyEnvironment::read(
      [&variables](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
      },
      4711);
}

TEST(NotifyEnvironment, nothing_set_means_nobody_listens) {
  EXPECT_EQ(read({}).socket, "");
  EXPECT_EQ(read({}).watchdog_ns, 0);
}

TEST(NotifyEnvironment, the_watchdog_counts_only_for_the_process_it_names) {
  EXPECT_EQ(read({{"WATCHDOG_USEC", "30000000"}}).watchdog_ns, 30 * kSecond);
  EXPECT_EQ(read({{"WATCHDOG_USEC", "30000000"}, {"WATCHDOG_PID", "4711"}}).watchdog_ns, 30 * kSecond);
  EXPECT_EQ(read({{"WATCHDOG_USEC", "30000000"}, {"WATCHDOG_PID", "1"}}).watchdog_ns, 0);
  EXPECT_EQ(read({{"NOTIFY_SOCKET", "/x"}, {"WATCHDOG_PID", "1"}}).socket, "/x");
}

TEST(NotifyEnvironment, an_interval_that_is_no_number_is_no_watchdog) {
  for (const char* text : {"", "x", "-1", "1s", "99999999999999999999", "9223372036854775807"}) {
    EXPECT_EQ(read({{"WATCHDOG_USEC", text}}).watchdog_ns, 0) << text;
  }
}

}  // namespace
}  // namespace picket::service

// SPDX-License-Identifier: Apache-2.0
//
// No event that was acknowledged is lost: every one with its own number, through routes whose steps keep all of them,
// while sinks stall and restart and reloads change the steps, the destinations and whether there are steps at all.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "fakes.hpp"
#include "platform/virtual_executor.hpp"

namespace picket::routing {
namespace {

// Remembers every value that it answered for.
class NumberingSink final : public SinkPort {
 public:
  NumberingSink(std::shared_ptr<platform::Lane> lane, std::mt19937_64& random, std::set<std::int64_t>& accepted)
      : SinkPort(std::move(lane)), random_(random), accepted_(accepted) {}

  picket_status consume(const picket_delivery& delivery, std::uint64_t lost) override {
    EXPECT_EQ(lost, 0U);
    const std::uint64_t dice = behaves ? 9 : random_() % 10;
    if (dice < 2) return PICKET_BUSY;
    if (dice < 5) {
      pending[delivery.ticket] = values_of(delivery);
      return PICKET_PENDING;
    }
    accept(values_of(delivery));
    return PICKET_OK;
  }
  void accept(const std::vector<std::int64_t>& values) { accepted_.insert(values.begin(), values.end()); }

  std::map<std::uint64_t, std::vector<std::int64_t>> pending;
  bool behaves = false;

 private:
  std::mt19937_64& random_;
  std::set<std::int64_t>& accepted_;
};

class NumberedWorld {
 public:
  explicit NumberedWorld(std::uint64_t seed)
      : random_(seed), executor_(std::make_shared<platform::VirtualExecutor>(seed)), router_(executor_, names_) {
    for (int i = 0; i < 2; ++i) start(i);
    reload();
  }

  void run() {
    for (int step = 0; step < 500; ++step) {
      const std::uint64_t dice = random_() % 100;
      if (dice < 40) {
        emit();
      } else if (dice < 75) {
        executor_->run_one();
      } else if (dice < 85) {
        answer(random_() % 2 == 0);
      } else if (dice < 90) {
        executor_->run_for(static_cast<std::int64_t>(random_() % 40) * platform::kMillisecond);
      } else if (dice < 95) {
        restart(static_cast<int>(random_() % 2));
      } else {
        reload();
      }
      for (const DestinationStatus& status : router_.status()) ASSERT_TRUE(status.ledger.balanced());
    }
    for (auto& sink : sinks_) sink->behaves = true;
    for (int round = 0; round < 1'000 && source_->answers.size() < numbers_.size(); ++round) {
      executor_->run_for(6 * platform::kSecond);
      answer(false);
    }
    check();
    router_.close();
    executor_->run_for(platform::kSecond);
  }

 private:
  static std::string name(int sink) { return "sink" + std::to_string(sink); }

  void start(int i) {
    sinks_[i] = std::make_shared<NumberingSink>(platform::Lane::make(executor_), random_, accepted_);
    router_.attach(name(i), sinks_[i]);
  }
  void restart(int i) {
    router_.pause(name(i));
    bool passed = false;
    sinks_[i]->lane()->post([&] { passed = true; });
    while (!passed) ASSERT_TRUE(executor_->run_one());
    router_.detach(name(i));
    start(i);
  }

  void emit() {
    std::vector<std::int64_t> values(1 + random_() % 4);
    for (auto& value : values) value = next_value_++;
    picket_batch* const batch = make_batch(names_, values);
    const picket_status status = router_.emit(router_.source("in"), 0, batch, next_token_, source_);
    if (status == PICKET_OK) {
      numbers_[next_token_++] = values;
    } else {
      ASSERT_EQ(status, PICKET_BUSY);
      batch_release(batch);
    }
  }

  void answer(bool busy) {
    for (auto& sink : sinks_) {
      for (const auto& [ticket, values] : std::exchange(sink->pending, {})) {
        if (!busy) sink->accept(values);
        router_.done(ticket, busy ? PICKET_BUSY : PICKET_OK, {});
      }
    }
  }

  void reload() {
    config::QueueSettings queue;
    queue.events = 1 + random_() % 12;
    const std::vector<std::string> to[] = {{"sink0"}, {"sink1"}, {"sink0", "sink1"}};
    config::Route model = route("r", {"in"}, "", to[random_() % 3], queue);
    model.queue.events = 1 + random_() % 12;
    const config::Step steps[] = {{"set", R"({"fields":{"site":"north"}})", {}},
                                  {"sample", R"({"by":[],"one_in":1})", {}},
                                  {"unset", R"({"except":[],"fields":["nothing"]})", {}}};
    for (std::uint64_t count = random_() % 3; count > 0; --count) model.steps.push_back(steps[random_() % 3]);
    std::vector<config::Route> list = {model};
    if (random_() % 4 == 0) list.front().name = "s";  // another route: the first drains through its steps
    ASSERT_TRUE(router_.apply(routes(list)).ok());
  }

  void check() {
    for (const auto& [token, values] : numbers_) {
      ASSERT_EQ(source_->answers[token].size(), 1U) << "token " << token;
      EXPECT_EQ(source_->answers[token][0], PICKET_OK) << "nobody refuses or drops here";
      for (const std::int64_t value : values) EXPECT_TRUE(accepted_.contains(value)) << "event " << value << " is lost";
    }
  }

  std::mt19937_64 random_;
  std::shared_ptr<platform::VirtualExecutor> executor_;
  Names names_;
  Router router_;
  std::shared_ptr<FakeSource> source_ = std::make_shared<FakeSource>();
  std::set<std::int64_t> accepted_;
  std::shared_ptr<NumberingSink> sinks_[2];
  std::map<std::uint64_t, std::vector<std::int64_t>> numbers_;  // by token
  std::int64_t next_value_ = 1;
  std::uint64_t next_token_ = 1;
};

class RouterStepsRandomTest : public ::testing::TestWithParam<int> {};

TEST_P(RouterStepsRandomTest, no_acknowledged_event_is_lost) {
  const std::int64_t before = live_batches();
  for (int i = 0; i < 20; ++i) {
    const std::uint64_t seed = static_cast<std::uint64_t>(GetParam()) * 1'000 + static_cast<std::uint64_t>(i) + 1;
    SCOPED_TRACE("seed " + std::to_string(seed));
    NumberedWorld(seed).run();
    if (HasFailure()) return;
  }
  EXPECT_EQ(live_batches(), before) << "a batch leaked";
}

INSTANTIATE_TEST_SUITE_P(seeds, RouterStepsRandomTest, ::testing::Range(0, 4));

}  // namespace
}  // namespace picket::routing

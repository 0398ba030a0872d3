// SPDX-License-Identifier: Apache-2.0
//
// The promise of the router under everything at once: random graphs, steps, stalls, refusals, restarts and reloads, in
// a random order of tasks under the virtual clock. At every moment each ledger balances, and in the end every token was
// answered exactly once and every event is accounted for by what the sinks saw.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "fakes.hpp"
#include "platform/virtual_executor.hpp"
#include "routing/router.hpp"

namespace picket::routing {
namespace {

constexpr int kSources = 3;
constexpr int kSinks = 4;
constexpr int kSteps = 600;

// A sink that answers at random, and keeps count of what it accepted.
class RandomSink final : public SinkPort {
 public:
  RandomSink(std::shared_ptr<platform::Lane> lane, std::mt19937_64& random, std::string name)
      : SinkPort(std::move(lane)), random_(random), name_(std::move(name)) {}

  picket_status consume(const picket_delivery& delivery, std::uint64_t /*lost*/) override {
    EXPECT_GT(delivery.count, 0U);
    if (delivery.selection != nullptr) {
      EXPECT_TRUE(std::is_sorted(delivery.selection, delivery.selection + delivery.count));
      EXPECT_LT(delivery.selection[delivery.count - 1], delivery.batch->event_count);
    } else {
      EXPECT_EQ(delivery.count, delivery.batch->event_count);
    }
    switch (random_() % 10) {
      case 0:
        return PICKET_BUSY;
      case 1:
        refused += delivery.count;
        return PICKET_REFUSED;
      case 2:
      case 3:
      case 4:
        pending.emplace_back(delivery.ticket, delivery.count);
        return PICKET_PENDING;
      default:
        accepted += delivery.count;
        return PICKET_OK;
    }
  }

  std::mt19937_64& random_;
  const std::string name_;
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> pending;
};

class World {
 public:
  explicit World(std::uint64_t seed)
      : random_(seed), executor_(std::make_shared<platform::VirtualExecutor>(seed)), router_(executor_, names_) {
    sinks_.resize(kSinks);
    reload();
  }

  void run() {
    for (int step = 0; step < kSteps; ++step) {
      act();
      check_balance();
    }
    settle();
    check_end();
  }

 private:
  static std::string source_name(std::uint64_t i) { return "source" + std::to_string(i); }
  static std::string sink_name(std::uint64_t i) { return "sink" + std::to_string(i); }
  bool chance(std::uint64_t percent) { return random_() % 100 < percent; }

  void act() {
    const std::uint64_t dice = random_() % 100;
    if (dice < 45) {
      emit();
    } else if (dice < 75) {
      executor_->run_one();
    } else if (dice < 82) {
      finish_one_pending();
    } else if (dice < 88) {
      executor_->run_for(static_cast<std::int64_t>(random_() % 40) * platform::kMillisecond);
    } else if (dice < 95) {
      toggle_sink(random_() % kSinks);
    } else {
      reload();
    }
  }

  void emit() {
    std::vector<std::int64_t> values(1 + random_() % 8);
    for (auto& value : values) value = static_cast<std::int64_t>(random_() % 100);
    picket_batch* batch = make_batch(names_, values);
    const std::uint64_t token = chance(80) ? next_token_++ : 0;
    const picket_status status =
        router_.emit(router_.source(source_name(random_() % kSources)), 0, batch, token, listener_);
    if (status == PICKET_OK) {
      if (token != 0) tokens_.insert(token);
    } else {
      EXPECT_EQ(status, PICKET_BUSY);
      batch_release(batch);
    }
  }

  void finish_one_pending() {
    auto& sink = sinks_[random_() % kSinks];
    if (!sink || sink->pending.empty()) return;
    const std::size_t pick = random_() % sink->pending.size();
    const auto [ticket, count] = sink->pending[pick];
    sink->pending.erase(sink->pending.begin() + static_cast<std::ptrdiff_t>(pick));
    switch (random_() % 4) {
      case 0:
        router_.done(ticket, PICKET_BUSY, {});
        break;
      case 1:
        sink->refused += count;
        router_.done(ticket, PICKET_FAILED, {});
        break;
      case 2: {
        const std::uint32_t first = 0;
        sink->refused += 1;
        sink->accepted += count - 1;
        router_.done(ticket, PICKET_OK, {&first, 1});
        break;
      }
      default:
        sink->accepted += count;
        router_.done(ticket, PICKET_OK, {});
    }
  }

  // Starts a sink, or stops it as an instance is stopped: pause, let the lane run past a fence, detach.
  void toggle_sink(std::uint64_t i) {
    auto& sink = sinks_[i];
    if (!sink) {
      sink = std::make_shared<RandomSink>(platform::Lane::make(executor_), random_, sink_name(i));
      router_.attach(sink_name(i), sink);
      return;
    }
    router_.pause(sink_name(i));
    bool passed = false;
    sink->lane()->post([&] { passed = true; });
    while (!passed) ASSERT_TRUE(executor_->run_one());
    router_.detach(sink_name(i));
    accepted_ += sink->accepted;
    refused_ += sink->refused;
    sink.reset();
  }

  void reload() {
    std::vector<config::Route> list;
    const std::uint64_t count = 1 + random_() % 5;
    for (std::uint64_t i = 0; i < count; ++i) {
      std::vector<std::string> from;
      std::vector<std::string> to;
      for (std::uint64_t s = 0; s < kSources; ++s) {
        if (chance(60)) from.push_back(source_name(s));
      }
      for (std::uint64_t s = 0; s < kSinks; ++s) {
        if (chance(40)) to.push_back(sink_name(s));
      }
      config::QueueSettings queue;
      queue.events = 1 + random_() % 40;
      queue.bytes = 200 + random_() % 20'000;
      const config::OnFull policies[] = {config::OnFull::block, config::OnFull::drop_newest,
                                         config::OnFull::drop_oldest};
      queue.on_full = policies[random_() % 3];
      const char* const filters[] = {"", "value > 50", "value > 200", "value % 2 == 0"};
      list.push_back(route("route" + std::to_string(random_() % 6), from, filters[random_() % 4], to, queue));
      if (chance(50)) list.back().steps = random_steps();
      list.back().queue.events = 1 + random_() % 40;
      list.back().queue.on_full = policies[random_() % 3];
    }
    // Retired destinations are forgotten once they are empty; what they had delivered still counts.
    const auto [delivered, dead] = totals();
    ASSERT_TRUE(router_.apply(routes(list)).ok());
    forgotten_delivered_ += delivered - totals().first;
    forgotten_dead_ += dead - totals().second;
  }

  // Steps that keep, copy, leave out, remember and create, at once and by time.
  std::vector<config::Step> random_steps() {
    const config::Step all[] = {
        {"set", R"({"fields":{"site":"north"}})", {}},
        {"set", R"({"compute":{"double":"value * 2"},"kind":"log"})", {}},
        {"sample", R"({"by":[],"one_in":2})", {}},
        {"dedupe", R"({"by":["value"],"for":20000000,"max_keys":5,"report":true})", {}},
        {"throttle", R"({"by":["value % 3"],"events":2,"max_keys":2,"per":30000000,"report":true})", {}},
        {"unset", R"({"except":[],"fields":["value"]})", {}},
    };
    std::vector<config::Step> steps;
    for (std::uint64_t count = 1 + random_() % 4; count > 0; --count) steps.push_back(all[random_() % std::size(all)]);
    return steps;
  }

  // Of what the sinks saw: not of the queues before steps.
  std::pair<std::uint64_t, std::uint64_t> totals() {
    std::pair<std::uint64_t, std::uint64_t> result;
    for (const DestinationStatus& status : router_.status()) {
      if (status.instance == kStepsName) continue;
      result.first += status.ledger.delivered;
      result.second += status.ledger.dead;
    }
    return result;
  }

  void check_balance() {
    for (const DestinationStatus& status : router_.status()) {
      ASSERT_TRUE(status.ledger.balanced()) << status.route << " -> " << status.instance;
    }
    for (const auto& [token, answers] : listener_->answers) ASSERT_EQ(answers.size(), 1U) << "token " << token;
  }

  // Everybody comes back and behaves; then nothing may be left anywhere.
  void settle() {
    for (std::uint64_t i = 0; i < kSinks; ++i) {
      if (!sinks_[i]) toggle_sink(i);
    }
    for (int round = 0; round < 10'000 && (round == 0 || outstanding()); ++round) {
      executor_->run_for(6 * platform::kSecond);
      for (auto& sink : sinks_) {
        for (const auto& [ticket, count] : std::exchange(sink->pending, {})) {
          sink->accepted += count;
          router_.done(ticket, PICKET_OK, {});
        }
      }
    }
  }

  bool outstanding() {
    for (const DestinationStatus& status : router_.status()) {
      if (status.ledger.queued + status.ledger.in_flight != 0) return true;
    }
    return false;
  }

  void check_end() {
    check_balance();
    EXPECT_FALSE(outstanding());
    for (const auto& sink : sinks_) {
      accepted_ += sink->accepted;
      refused_ += sink->refused;
    }
    EXPECT_EQ(totals().first + forgotten_delivered_, accepted_);
    EXPECT_EQ(totals().second + forgotten_dead_, refused_);
    for (const std::uint64_t token : tokens_) {
      EXPECT_EQ(listener_->answers[token].size(), 1U) << "token " << token << " was never answered";
    }
    EXPECT_EQ(listener_->answers.size(), tokens_.size()) << "a token was answered that nobody gave";
    router_.close();
    executor_->run_for(platform::kSecond);
  }

  std::mt19937_64 random_;
  std::shared_ptr<platform::VirtualExecutor> executor_;
  Names names_;
  Router router_;
  std::shared_ptr<FakeSource> listener_ = std::make_shared<FakeSource>();
  std::vector<std::shared_ptr<RandomSink>> sinks_;
  std::set<std::uint64_t> tokens_;
  std::uint64_t next_token_ = 1;
  std::uint64_t accepted_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t forgotten_delivered_ = 0;
  std::uint64_t forgotten_dead_ = 0;
};

class RouterRandomTest : public testing::TestWithParam<int> {};

TEST_P(RouterRandomTest, every_ledger_balances_and_every_token_is_answered_once) {
  const std::int64_t before = live_batches();
  for (int i = 0; i < 25; ++i) {
    const std::uint64_t seed = static_cast<std::uint64_t>(GetParam()) * 1'000 + static_cast<std::uint64_t>(i) + 1;
    SCOPED_TRACE("seed " + std::to_string(seed));
    World(seed).run();
    if (HasFailure()) return;
  }
  EXPECT_EQ(live_batches(), before) << "a batch leaked";
}

INSTANTIATE_TEST_SUITE_P(seeds, RouterRandomTest, testing::Range(0, 8));

}  // namespace
}  // namespace picket::routing

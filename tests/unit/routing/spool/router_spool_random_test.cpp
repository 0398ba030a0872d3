// SPDX-License-Identifier: Apache-2.0
//
// The promise of the spool under everything at once: random loads, stalls, refusals, restarts of sinks, other settings,
// a route that goes and comes back, stops and crashes, in a random order of tasks. At every moment each ledger
// balances; in the end whatever a source was told is acknowledged has been offered to both sinks, and first offers were
// in order.
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <optional>
#include <random>
#include <set>

#include "spool_world.hpp"

namespace picket::routing::spool {
namespace {

constexpr int kSpoolSteps = 500;
constexpr std::int64_t kPerSource = 1'000'000;

// What one sink has seen through all lives.
struct Seen {
  std::map<std::int64_t, std::int64_t> last_first_offer;  // by source
  std::set<std::int64_t> offered;
  std::set<std::int64_t> handled;
};

class MoodySink final : public SinkPort {
 public:
  MoodySink(std::shared_ptr<platform::Lane> lane, std::mt19937_64& random, Seen& seen)
      : SinkPort(std::move(lane)), random_(random), seen_(seen) {}

  picket_status consume(const picket_delivery& delivery, std::uint64_t /*lost*/) override {
    const auto values = values_of(delivery);
    for (const std::int64_t value : values) {
      if (!seen_.offered.insert(value).second) continue;
      std::int64_t& last = seen_.last_first_offer[value / kPerSource];
      EXPECT_GT(value, last) << "out of order";
      last = value;
    }
    const std::uint64_t dice = calm ? 9 : random_() % 10;
    if (dice == 0) return PICKET_BUSY;
    if (dice <= 3) {
      pending.emplace_back(delivery.ticket, values);
      return PICKET_PENDING;
    }
    handled(values);
    return dice == 4 ? PICKET_REFUSED : PICKET_OK;
  }
  void handled(const std::vector<std::int64_t>& values) { seen_.handled.insert(values.begin(), values.end()); }

  bool calm = false;
  std::vector<std::pair<std::uint64_t, std::vector<std::int64_t>>> pending;

 private:
  std::mt19937_64& random_;
  Seen& seen_;
};

class SpoolWorld {
 public:
  SpoolWorld(std::uint64_t seed, bool drops_oldest) : random_(seed), drops_oldest_(drops_oldest) { begin(); }

  void run() {
    for (int step = 0; step < kSpoolSteps && !testing::Test::HasFailure(); ++step) {
      act();
      check_balance();
    }
    finish();
  }

 private:
  bool chance(std::uint64_t percent) { return random_() % 100 < percent; }

  void begin() {
    life_.emplace(folder_.path(), random_() | 1U);
    sinks_ = {};
    reload();
  }

  void note_answers() {
    for (const auto& [token, answers] : life_->source->answers) {
      EXPECT_EQ(answers.size(), 1U) << "token " << token;
      if (answers.front() == PICKET_OK) acknowledged_.insert(emitted_[token].begin(), emitted_[token].end());
    }
  }

  void act() {
    const std::uint64_t dice = random_() % 1'000;
    if (dice < 450) {
      emit();
    } else if (dice < 800) {
      life_->executor->run_one();
    } else if (dice < 850) {
      answer_pending();
    } else if (dice < 890) {
      life_->run_for(static_cast<std::int64_t>(random_() % 200) * platform::kMillisecond);
    } else if (dice < 950) {
      toggle_sink(random_() % 2);
    } else if (dice < 980) {
      reload();
    } else if (dice < 990) {
      life_->router->close();
      check_balance();
      life_->run();
      note_answers();
      begin();
    } else {
      note_answers();
      begin();
    }
  }

  void emit() {
    const auto source = static_cast<std::int64_t>(random_() % 3);
    std::vector<std::int64_t> values(1 + random_() % 5);
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = source * kPerSource + next_[source] + static_cast<std::int64_t>(i) + 1;
    }
    const std::uint64_t token = next_token_++;
    if (life_->emit("s" + std::to_string(source), values, token) != PICKET_OK) return;
    next_[source] += static_cast<std::int64_t>(values.size());
    if (routed_) emitted_[token] = values;
  }

  void answer_pending() {
    auto& sink = sinks_[random_() % 2];
    if (!sink || sink->pending.empty()) return;
    const std::size_t pick = random_() % sink->pending.size();
    const auto [ticket, values] = sink->pending[pick];
    sink->pending.erase(sink->pending.begin() + static_cast<std::ptrdiff_t>(pick));
    if (chance(20)) return life_->router->done(ticket, PICKET_BUSY, {});
    sink->handled(values);
    const std::uint32_t first = 0;
    life_->router->done(ticket, chance(20) ? PICKET_FAILED : PICKET_OK, {&first, chance(20) ? 1U : 0U});
  }

  void toggle_sink(std::size_t which) {
    auto& sink = sinks_[which];
    const std::string name = which == 0 ? "a" : "b";
    if (!sink) {
      sink = std::make_shared<MoodySink>(platform::Lane::make(life_->executor), random_, seen_[which]);
      life_->router->attach(name, sink);
      return;
    }
    life_->router->pause(name);
    bool passed = false;
    sink->lane()->post([&] { passed = true; });
    while (!passed) ASSERT_TRUE(life_->executor->run_one());
    life_->router->detach(name);
    sink.reset();
  }

  config::QueueSettings settings() {
    config::QueueSettings queue;
    queue.events = 1 + random_() % 30;
    queue.bytes = 500 + random_() % 20'000;
    queue.spool = 2'000 + random_() % 40'000;
    queue.durable = chance(50);
    if (!queue.durable && chance(80)) queue.on_full = config::OnFull::spill;
    if (chance(30)) queue.on_spool_full = config::OnFull::drop_newest;
    if (drops_oldest_ && chance(50)) queue.on_spool_full = config::OnFull::drop_oldest;
    return queue;
  }

  void reload() {
    routed_ = chance(85);
    if (!routed_) return life_->apply({});
    config::Route all = route("r", {"s0", "s1", "s2"}, "", {"a", "b"});
    for (config::Destination& to : all.to) to.queue = settings();
    life_->apply({all});
  }

  void check_balance() {
    for (const DestinationStatus& status : life_->router->status()) {
      ASSERT_TRUE(status.ledger.balanced()) << status.route << " -> " << status.instance;
    }
  }

  bool outstanding() {
    for (const DestinationStatus& status : life_->router->status()) {
      if (status.ledger.queued + status.ledger.in_flight + status.ledger.spooled != 0) return true;
    }
    return false;
  }

  std::string describe() {
    std::string text;
    for (const DestinationStatus& status : life_->router->status()) {
      text += status.instance + (status.retired ? " (retired)" : "") + ": queued " +
              std::to_string(status.ledger.queued) + ", in flight " + std::to_string(status.ledger.in_flight) +
              ", spooled " + std::to_string(status.ledger.spooled) + ", recovered " +
              std::to_string(status.ledger.recovered);
      if (status.spool) text += ", on disk " + std::to_string(status.spool->bytes) + " " + status.spool->problem;
      text += status.settings.durable ? ", durable\n" : "\n";
    }
    for (const std::string& report : life_->reports) text += report + "\n";
    return text;
  }

  void finish() {
    if (!routed_) {
      config::Route all = route("r", {"s0", "s1", "s2"}, "", {"a", "b"}, durable_queue());
      life_->apply({all});
    }
    for (std::size_t which = 0; which < 2; ++which) {
      if (!sinks_[which]) toggle_sink(which);
      sinks_[which]->calm = true;
    }
    for (int round = 0; round < 1'000 && (round < 2 || outstanding()); ++round) {
      life_->run_for(6 * platform::kSecond);
      for (auto& sink : sinks_) {
        for (const auto& [ticket, values] : std::exchange(sink->pending, {})) {
          sink->handled(values);
          life_->router->done(ticket, PICKET_OK, {});
        }
      }
    }
    note_answers();
    check_balance();
    EXPECT_FALSE(outstanding()) << describe();
    if (drops_oldest_) return;
    for (std::size_t which = 0; which < 2; ++which) {
      for (const std::int64_t value : acknowledged_) {
        ASSERT_TRUE(seen_[which].handled.contains(value))
            << value << " never came to sink " << which
            << (seen_[which].offered.contains(value) ? ", only offered\n" : "\n") << describe();
      }
    }
  }

  std::mt19937_64 random_;
  const bool drops_oldest_;
  OwnFolder folder_;
  std::optional<SpoolLife> life_;
  std::array<std::shared_ptr<MoodySink>, 2> sinks_;
  std::array<Seen, 2> seen_;
  std::array<std::int64_t, 3> next_{};
  std::uint64_t next_token_ = 1;
  std::map<std::uint64_t, std::vector<std::int64_t>> emitted_;
  std::set<std::int64_t> acknowledged_;
  bool routed_ = false;
};

class RouterSpoolRandom : public testing::TestWithParam<int> {};

TEST_P(RouterSpoolRandom, what_is_acknowledged_arrives_in_order_and_every_ledger_balances) {
  for (int i = 0; i < 3; ++i) {
    const std::uint64_t seed = static_cast<std::uint64_t>(GetParam()) * 100 + static_cast<std::uint64_t>(i) + 1;
    SCOPED_TRACE("seed " + std::to_string(seed));
    SpoolWorld(seed, i == 2).run();
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(seeds, RouterSpoolRandom, testing::Range(0, 6));

}  // namespace
}  // namespace picket::routing::spool

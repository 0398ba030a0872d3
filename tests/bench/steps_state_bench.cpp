// SPDX-License-Identifier: Apache-2.0
//
// What the steps that remember cost: nanoseconds per event (the items of the rate) of process() over batches of 64
// metric events with four fields, spread over some groups, and the memory of 100,000 groups. The bar: 100,000 groups of
// `aggregate` in less than 64 MiB.
#include <benchmark/benchmark.h>

#include <malloc.h>

#include <memory>
#include <string>

#include "../unit/routing/steps/complete_settings.hpp"
#include "../unit/routing/steps/step_harness.hpp"
#include "routing/steps/step_catalogue.hpp"

namespace picket::routing {
namespace {

constexpr std::uint32_t kEvents = 64;
constexpr std::int64_t kMebibyte = 1 << 20;

struct Discard final : Output {
  void pass(const Events& /*in*/, std::span<const std::uint32_t> /*indices*/) override {}
  void pass(const Events& /*in*/) override {}
  void add(BatchRef batch) override { made += batch->event_count; }
  std::uint64_t made = 0;
};

// A step, and events that go round `groups` devices, one millisecond apart.
class Feed {
 public:
  Feed(const StepType& type, std::string_view settings, std::uint32_t groups)
      : groups_(groups),
        step_(type.make(nlohmann::json::parse(complete_settings(type, settings)),
                        {names, clock, names.intern("route")})) {
    name_ = names.intern("name");
    metric_name_ = names.intern("system.disk.io");
    value_ = names.intern("value");
    device_ = names.intern("device");
    direction_ = names.intern("direction");
    read_ = names.intern("read");
    metric_ = names.intern("metric");
    host_ = names.intern("host");
  }

  BatchRef next() {
    picket_batch* const batch = batch_new(kEvents, kEvents * 4, kEvents * 16);
    for (std::uint32_t i = 0; i < kEvents; ++i, ++count_) {
      picket_event* const event = picket_batch_event(batch, metric_);
      event->source = host_;
      event->time_ns = time_;
      const std::uint32_t group = static_cast<std::uint32_t>(count_ % groups_);
      const std::string device = "device" + std::to_string(group);
      random_ = random_ * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
      picket_batch_name(batch, name_, metric_name_);
      picket_batch_double(batch, value_, 0.5 + static_cast<double>(random_ >> 40U) * 1e-8);
      picket_batch_text(batch, device_, picket_str_of(device.data(), device.size()));
      picket_batch_name(batch, direction_, read_);
    }
    time_ += kEvents * platform::kMillisecond;
    clock.wall = time_;
    clock.monotonic = time_;
    return BatchRef::adopt(batch);
  }
  void feed(const BatchRef& batch) { step_->process(Events(batch, nullptr, kEvents), out); }
  // One value for every group, all at one time.
  void round() {
    for (std::uint32_t i = 0; i < groups_; i += kEvents) {
      const std::int64_t time = time_;
      feed(next());
      time_ = time;
    }
    time_ += platform::kSecond;
  }

  Names names;
  HandClock clock;
  Discard out;

 private:
  std::uint32_t groups_;
  std::unique_ptr<Step> step_;
  std::int64_t time_ = 1'700'000'040 * platform::kSecond;
  std::uint64_t count_ = 0;
  std::uint64_t random_ = 1;
  picket_name name_, metric_name_, value_, device_, direction_, read_, metric_, host_;
};

void process(benchmark::State& state, const StepType& type, std::string_view settings) {
  Feed feed(type, settings, static_cast<std::uint32_t>(state.range(0)));
  for (auto step : state) {
    state.PauseTiming();
    std::array<BatchRef, 64> batches;
    for (BatchRef& batch : batches) batch = feed.next();
    state.ResumeTiming();
    for (const BatchRef& batch : batches) feed.feed(batch);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * 64 * kEvents);
}

BENCHMARK_CAPTURE(process, rate, kRateStep, "{}")->Arg(64)->Arg(10'000);
BENCHMARK_CAPTURE(process, aggregate, kAggregateStep, R"({"window": "1h"})")->Arg(64)->Arg(10'000);
BENCHMARK_CAPTURE(process, aggregate_percentiles, kAggregateStep, R"({"window": "1h", "functions": ["p50", "p99"]})")
    ->Arg(64)
    ->Arg(10'000);
BENCHMARK_CAPTURE(process, threshold_all_well, kThresholdStep, R"({"raise": "value > 0.9"})")->Arg(64)->Arg(10'000);
BENCHMARK_CAPTURE(process, threshold_all_pending, kThresholdStep,
                  R"({"raise": "value < 0.9", "for": "300d", "forget": "forever"})")
    ->Arg(64)
    ->Arg(10'000);
BENCHMARK_CAPTURE(process, threshold_absent, kThresholdStep,
                  R"({"raise": "value > 0.9", "absent": "1d", "forget": "2d"})")
    ->Arg(64)
    ->Arg(10'000);
BENCHMARK_CAPTURE(process, forecast, kForecastStep, R"({"reaches": 1e9, "within": "1h"})")->Arg(64)->Arg(10'000);

std::int64_t allocated() {
  return static_cast<std::int64_t>(mallinfo2().uordblks + mallinfo2().hblkhd);
}

// `values` of each of 100,000 groups; the counter is the memory that the step then holds.
void memory(benchmark::State& state, const StepType& type, std::string_view settings, int values) {
  for (auto step : state) {
    const std::int64_t before = allocated();
    Feed feed(type, settings, 100'000);
    for (int i = 0; i < values; ++i) feed.round();
    state.counters["MiB"] = static_cast<double>(allocated() - before) / static_cast<double>(kMebibyte);
  }
}

BENCHMARK_CAPTURE(memory, rate, kRateStep, "{}", 2)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(memory, aggregate, kAggregateStep, R"({"window": "1h"})", 12)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(memory, aggregate_percentiles, kAggregateStep,
                  R"({"window": "1h", "functions": ["min", "max", "mean", "p50", "p95", "p99"]})", 60)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(memory, threshold_absent, kThresholdStep,
                  R"({"raise": "value > 0.9", "absent": "1d", "forget": "2d"})", 2)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace picket::routing

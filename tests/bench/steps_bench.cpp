// SPDX-License-Identifier: Apache-2.0
//
// What steps cost: each by itself on batches of 64 events of six fields, and a route with three of them from emit to
// consume. Time per event is 1 / items_per_second. Run: build/release/bin/steps_bench
#include <benchmark/benchmark.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "platform/virtual_executor.hpp"
#include "routing/router.hpp"
#include "routing/steps/step_catalogue.hpp"

namespace picket::routing {
namespace {

constexpr std::uint32_t kEvents = 64;

// name, value, a text, and three numbers; 16 names.
picket_batch* make_batch(Names& names) {
  picket_batch* batch = batch_new(kEvents, kEvents * 6, kEvents * 32);
  for (std::uint32_t i = 0; i < kEvents; ++i) {
    picket_event* const event = picket_batch_event(batch, names.intern("metric"));
    event->time_ns = 1;
    event->sequence = i + 1;
    event->source = names.intern("host");
    picket_batch_name(batch, names.intern("name"), names.intern("system.metric" + std::to_string(i % 16)));
    picket_batch_double(batch, names.intern("value"), i * 0.02);
    picket_batch_text(batch, names.intern("message"), picket_str_of("worker 7 took 312ms", 19));
    for (const char* key : {"a", "b", "c"}) picket_batch_int(batch, names.intern(key), i);
  }
  return batch;
}

// Counts what goes on, and lets go of it.
class CountingOutput final : public Output {
 public:
  void pass(const Events& /*in*/, std::span<const std::uint32_t> indices) override { count += indices.size(); }
  void pass(const Events& in) override { count += in.count(); }
  void add(BatchRef batch) override { count += batch->event_count; }
  std::uint64_t count = 0;
};

void one_step(benchmark::State& state, const char* type, const char* settings) {
  const platform::VirtualExecutor executor;
  Names names;
  const auto step = find_step_type(type)->make(nlohmann::json::parse(settings), {names, executor.clock(), 0});
  const BatchRef batch = BatchRef::adopt(make_batch(names));
  CountingOutput out;
  for (auto _ : state) step->process(Events(batch, nullptr, kEvents), out);
  benchmark::DoNotOptimize(out.count);
  state.SetItemsProcessed(state.iterations() * kEvents);
}

BENCHMARK_CAPTURE(one_step, set_constants, "set", R"({"severity": "warning", "fields": {"site": "north", "rack": 4}})");
BENCHMARK_CAPTURE(one_step, set_computed, "set", R"json({"compute": {"percent": "round(value * 100, 1)"}})json");
BENCHMARK_CAPTURE(one_step, unset_one_of_six, "unset", R"({"fields": ["mess*"], "except": []})");
BENCHMARK_CAPTURE(one_step, unset_nothing, "unset", R"({"fields": ["x.*"], "except": []})");
BENCHMARK_CAPTURE(one_step, rename_one, "rename", R"({"fields": {"message": "text"}})");
BENCHMARK_CAPTURE(one_step, sample_count, "sample", R"({"one_in": 10, "by": []})");
BENCHMARK_CAPTURE(one_step, sample_by_name, "sample", R"({"fraction": 0.1, "by": ["name"]})");
BENCHMARK_CAPTURE(one_step, throttle_by_name, "throttle",
                  R"({"events": 2, "per": 1000000000, "by": ["name"], "max_keys": 100, "report": true})");
BENCHMARK_CAPTURE(one_step, dedupe_by_two, "dedupe",
                  R"({"for": 1000000000, "by": ["source", "name"], "max_keys": 100, "report": true})");
BENCHMARK_CAPTURE(one_step, enrich_by_name, "enrich",
                  R"({"key": "name", "overwrite": false, "table": {"system.metric1": {"site": "north"}}})");

class SummingSink final : public SinkPort {
 public:
  using SinkPort::SinkPort;
  picket_status consume(const picket_delivery& delivery, std::uint64_t /*lost*/) override {
    count += delivery.count;
    return PICKET_OK;
  }
  std::uint64_t count = 0;
};

// Through a route with `steps`, sixteen batches a turn; each with its own token as a careful source gives it.
void route(benchmark::State& state, const std::vector<config::Step>& steps) {
  auto executor = std::make_shared<platform::VirtualExecutor>();
  Names names;
  Router router(executor, names);
  config::Route model;
  model.from.push_back({"in", {}, {}});
  model.to.push_back({"out", {}, {}});
  model.steps = steps;
  const auto sink = std::make_shared<SummingSink>(platform::Lane::make(executor));
  router.attach("out", sink);
  if (!router.apply({{"r", model}}).ok()) return state.SkipWithError("the route was refused");
  Source& source = router.source("in");
  const BatchRef pattern = BatchRef::adopt(make_batch(names));
  for (auto _ : state) {
    for (int i = 0; i < 16; ++i) {
      batch_retain(pattern.get());
      router.emit(source, 0, const_cast<picket_batch*>(pattern.get()), 0, {});
    }
    executor->run_ready();
  }
  if (sink->count == 0) state.SkipWithError("nothing arrived");
  state.SetItemsProcessed(state.iterations() * 16 * kEvents);
}

void route_without_steps(benchmark::State& state) {
  route(state, {});
}
void route_with_one_that_passes(benchmark::State& state) {
  route(state, {{"sample", R"({"by":[],"one_in":1})", {}}});
}
void route_with_three(benchmark::State& state) {
  route(state, {{"sample", R"({"by":[],"one_in":2})", {}},
                {"set", R"({"fields":{"site":"north"}})", {}},
                {"rename", R"({"fields":{"message":"text"}})", {}}});
}

BENCHMARK(route_without_steps);
BENCHMARK(route_with_one_that_passes);
BENCHMARK(route_with_three);

}  // namespace
}  // namespace picket::routing

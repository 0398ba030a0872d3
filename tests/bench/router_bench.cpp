// SPDX-License-Identifier: Apache-2.0
//
// What the spine costs: emit -> where -> queues -> consume, in batches of 64 events of six fields, on one thread.
// Events per second count emitted events. Run: build/release/bin/router_bench
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "platform/virtual_executor.hpp"
#include "routing/router.hpp"

namespace picket::routing {
namespace {

constexpr std::uint32_t kEvents = 64;

// Touches every selected event, as the cheapest honest sink would.
class SummingSink final : public SinkPort {
 public:
  using SinkPort::SinkPort;
  picket_status consume(const picket_delivery& delivery, std::uint64_t /*lost*/) override {
    for (std::uint32_t i = 0; i < delivery.count; ++i) {
      const std::uint32_t index = delivery.selection == nullptr ? i : delivery.selection[i];
      sum += delivery.batch->events[index].sequence;
    }
    return PICKET_OK;
  }
  std::uint64_t sum = 0;
};

struct Vocabulary {
  explicit Vocabulary(Names& names) {
    for (int i = 0; i < 6; ++i)
      keys.push_back(names.intern(i == 0 ? "name" : i == 1 ? "value" : "key" + std::to_string(i)));
    metric = names.intern("metric");
    name = names.intern("system.cpu.utilization");
    other = names.intern("system.memory.usage");
  }
  std::vector<picket_name> keys;
  picket_name metric, name, other;
};

// Every second event is the one that the filter wants.
picket_batch* make_batch(const Vocabulary& words) {
  picket_batch* batch = batch_new(kEvents, kEvents * 6, 0);
  for (std::uint32_t i = 0; i < kEvents; ++i) {
    picket_batch_event(batch, words.metric);
    picket_batch_name(batch, words.keys[0], i % 2 == 0 ? words.name : words.other);
    picket_batch_double(batch, words.keys[1], i * 0.02);
    for (std::size_t key = 2; key < 6; ++key) picket_batch_int(batch, words.keys[key], i);
  }
  return batch;
}

void emit_route_consume(benchmark::State& state, const char* filter, int sinks) {
  auto executor = std::make_shared<platform::VirtualExecutor>();
  Names names;
  Router router(executor, names);
  config::Route route;
  route.name = "r";
  route.from.push_back({"in", {}, {}});
  route.filter = filter;
  std::vector<std::shared_ptr<SummingSink>> ports;
  for (int i = 0; i < sinks; ++i) {
    const std::string name = "out" + std::to_string(i);
    route.to.push_back({name, {}, {}});
    ports.push_back(std::make_shared<SummingSink>(platform::Lane::make(executor)));
    router.attach(name, ports.back());
  }
  if (!router.apply({{"r", route}}).ok()) return state.SkipWithError("the route was refused");
  const Vocabulary words(names);
  Source& source = router.source("in");
  for (auto _ : state) {
    // Sixteen batches a turn: what a busy source does between two turns of the sinks' thread.
    for (int i = 0; i < 16; ++i) router.emit(source, 0, make_batch(words), 0, {});
    executor->run_ready();
  }
  std::uint64_t sum = 0;
  for (const auto& port : ports) sum += port->sum;
  if (sum == 0) state.SkipWithError("nothing arrived");
  state.SetItemsProcessed(state.iterations() * 16 * kEvents);
}

void one_sink(benchmark::State& state) {
  emit_route_consume(state, "", 1);
}
void one_sink_where(benchmark::State& state) {
  emit_route_consume(state, "name == \"system.cpu.utilization\" and value > 0.5", 1);
}
void ten_sinks(benchmark::State& state) {
  emit_route_consume(state, "", 10);
}
void ten_sinks_where(benchmark::State& state) {
  emit_route_consume(state, "name == \"system.cpu.utilization\" and value > 0.5", 10);
}

// The floor: what making the batches alone costs.
void batches_alone(benchmark::State& state) {
  Names names;
  const Vocabulary words(names);
  for (auto _ : state) {
    for (int i = 0; i < 16; ++i) batch_release(make_batch(words));
  }
  state.SetItemsProcessed(state.iterations() * 16 * kEvents);
}

BENCHMARK(batches_alone);
BENCHMARK(one_sink);
BENCHMARK(one_sink_where);
BENCHMARK(ten_sinks);
BENCHMARK(ten_sinks_where);

}  // namespace
}  // namespace picket::routing

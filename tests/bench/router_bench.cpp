// SPDX-License-Identifier: Apache-2.0
//
// What the spine costs: emit -> where -> queues -> consume, in batches of 64 events of six fields, on one thread.
// Events per second count emitted events. Run: build/release/bin/router_bench
#include <benchmark/benchmark.h>

#include <charconv>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "config/fresh_queue.hpp"
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

void emit_route_consume(benchmark::State& state, const char* filter, int sinks, std::uint64_t recorder_size = 0) {
  auto executor = std::make_shared<platform::VirtualExecutor>();
  Names names;
  Recorder recorder(recorder_size, executor->clock());
  Router router(executor, names);
  router.use_recorder(&recorder);
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

// With the flight recorder on: the difference to the same without, by 64, is what it costs an event.
void one_sink_recorded(benchmark::State& state) {
  emit_route_consume(state, "", 1, static_cast<std::uint64_t>(state.range(0)));
}
void ten_sinks_recorded(benchmark::State& state) {
  emit_route_consume(state, "", 10, static_cast<std::uint64_t>(state.range(0)));
}

// The recorder alone: one batch of 64 events and the decision about it.
void record_batch(benchmark::State& state) {
  const auto executor = std::make_shared<platform::VirtualExecutor>();
  Names names;
  const Vocabulary words(names);
  Recorder recorder(static_cast<std::uint64_t>(state.range(0)), executor->clock());
  const BatchRef batch = BatchRef::adopt(make_batch(words));
  for (auto _ : state) {
    Recorder::Entry entry(recorder);
    entry.add(batch.get());
    entry.add(Decision{});
  }
  state.SetItemsProcessed(state.iterations() * kEvents);
}

// Makes a line of text of every event, as a sink that writes to a file or a peer would; the line goes nowhere.
class WritingSink final : public SinkPort {
 public:
  WritingSink(std::shared_ptr<platform::Lane> lane, const Names& names) : SinkPort(std::move(lane)), names_(names) {}
  picket_status consume(const picket_delivery& delivery, std::uint64_t /*lost*/) override {
    for (std::uint32_t i = 0; i < delivery.count; ++i) {
      const picket_batch& batch = *delivery.batch;
      const picket_event& event = batch.events[delivery.selection == nullptr ? i : delivery.selection[i]];
      line_.clear();
      number(event.time_ns);
      for (std::uint32_t f = 0; f < event.field_count; ++f) {
        const picket_field& field = batch.fields[event.first_field + f];
        line_ += ' ';
        line_ += names_.text(field.key);
        line_ += '=';
        if (field.type == PICKET_TYPE_NAME) line_ += names_.text(field.value.name);
        if (field.type == PICKET_TYPE_INT) number(field.value.i);
        if (field.type == PICKET_TYPE_DOUBLE) number(field.value.f);
      }
      benchmark::DoNotOptimize(line_.data());
    }
    return PICKET_OK;
  }

 private:
  template <typename Number>
  void number(Number value) {
    char digits[32];
    line_.append(digits, std::to_chars(std::begin(digits), std::end(digits), value).ptr);
  }
  const Names& names_;
  std::string line_;
};

// Takes nothing, ever.
class StalledSink final : public SinkPort {
 public:
  using SinkPort::SinkPort;
  picket_status consume(const picket_delivery& /*delivery*/, std::uint64_t /*lost*/) override { return PICKET_BUSY; }
};

// A healthy sink and another one on the same source, each on a route of its own. The source never waits: `items` are
// events that the healthy one got, so the difference between the cases is what the other costs it.
enum class Beside { nobody, healthy, stalled };
template <typename Sink>
void healthy_sink_beside(benchmark::State& state, Beside beside, config::OnFull on_full,
                         std::uint64_t queue_bytes = config::QueueSettings{}.bytes) {
  auto executor = std::make_shared<platform::VirtualExecutor>();
  Names names;
  Router router(executor, names);
  std::map<std::string, config::Route> routes;
  const auto add_route = [&](const std::string& sink, config::OnFull policy) {
    config::Route& route = routes["to-" + sink];
    route.name = "to-" + sink;
    route.from.push_back({"in", {}, {}});
    route.to.push_back({sink, {}, {}});
    route.to[0].queue.on_full = policy;
    route.to[0].queue.bytes = queue_bytes;
  };
  std::shared_ptr<SinkPort> healthy;
  if constexpr (std::is_same_v<Sink, WritingSink>) {
    healthy = std::make_shared<Sink>(platform::Lane::make(executor), names);
  } else {
    healthy = std::make_shared<Sink>(platform::Lane::make(executor));
  }
  add_route("healthy", config::OnFull::block);
  router.attach("healthy", healthy);
  const auto other = std::make_shared<SummingSink>(platform::Lane::make(executor));
  const auto stalled = std::make_shared<StalledSink>(platform::Lane::make(executor));
  if (beside != Beside::nobody) add_route("other", on_full);
  if (beside == Beside::healthy) router.attach("other", other);
  if (beside == Beside::stalled) router.attach("other", stalled);
  if (!router.apply(routes).ok()) return state.SkipWithError("a route was refused");
  const Vocabulary words(names);
  Source& source = router.source("in");
  const auto turn = [&] {
    for (int i = 0; i < 16; ++i) router.emit(source, 0, make_batch(words), 0, {});
    executor->run_ready();
  };
  for (int i = 0; i < 200; ++i) turn();  // the queue of one that is stalled is full by now
  // One batch stays above the memory that each turn uses, so that the allocator does not give the end of its heap back
  // in each of them.
  std::vector<BatchRef> room(32);
  for (BatchRef& batch : room) batch = BatchRef::adopt(make_batch(words));
  const BatchRef guard = room.back();
  room.clear();
  for (auto _ : state) turn();
  std::uint64_t delivered = 0;
  std::uint64_t dropped = 0;
  for (const DestinationStatus& status : router.status()) {
    if (status.instance == "healthy") delivered = status.ledger.delivered;
    if (status.instance == "other") dropped = status.ledger.dropped_total();
  }
  const auto turns = static_cast<std::uint64_t>(state.iterations()) + 200;
  if (delivered != turns * 16 * kEvents) state.SkipWithError("the healthy sink lost events");
  if ((beside == Beside::stalled) != (dropped != 0)) state.SkipWithError("the other sink is not what it should be");
  state.SetItemsProcessed(state.iterations() * 16 * kEvents);
  router.close();
}

template <typename Sink>
void alone(benchmark::State& state) {
  healthy_sink_beside<Sink>(state, Beside::nobody, config::OnFull::block);
}
template <typename Sink>
void beside_healthy(benchmark::State& state) {
  healthy_sink_beside<Sink>(state, Beside::healthy, config::OnFull::drop_newest);
}
template <typename Sink>
void beside_stalled_drop_newest(benchmark::State& state) {
  healthy_sink_beside<Sink>(state, Beside::stalled, config::OnFull::drop_newest);
}
// As it is unless the configuration says otherwise; and long.
template <typename Sink>
void beside_stalled_drop_oldest(benchmark::State& state) {
  healthy_sink_beside<Sink>(state, Beside::stalled, config::OnFull::drop_oldest, config::kFreshQueueBytes);
}
template <typename Sink>
void beside_stalled_drop_oldest_long(benchmark::State& state) {
  healthy_sink_beside<Sink>(state, Beside::stalled, config::OnFull::drop_oldest);
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
BENCHMARK(one_sink_recorded)->Arg(1 << 20)->Arg(4 << 20);
BENCHMARK(ten_sinks_recorded)->Arg(1 << 20);
BENCHMARK(record_batch)->Arg(1 << 20);
BENCHMARK_TEMPLATE(alone, SummingSink);
BENCHMARK_TEMPLATE(beside_healthy, SummingSink);
BENCHMARK_TEMPLATE(beside_stalled_drop_newest, SummingSink);
BENCHMARK_TEMPLATE(beside_stalled_drop_oldest, SummingSink);
BENCHMARK_TEMPLATE(beside_stalled_drop_oldest_long, SummingSink);
BENCHMARK_TEMPLATE(alone, WritingSink);
BENCHMARK_TEMPLATE(beside_healthy, WritingSink);
BENCHMARK_TEMPLATE(beside_stalled_drop_newest, WritingSink);
BENCHMARK_TEMPLATE(beside_stalled_drop_oldest, WritingSink);
BENCHMARK_TEMPLATE(beside_stalled_drop_oldest_long, WritingSink);

}  // namespace
}  // namespace picket::routing

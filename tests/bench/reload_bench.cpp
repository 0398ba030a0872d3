// SPDX-License-Identifier: Apache-2.0
//
// A reload of 200 instances of which one changed, while sources emit as fast as they can: how long it takes from the
// request to the answer, files read and checked included; what it touched; and whether an event was lost by it. 190
// sources and 10 sinks, 20 routes with a `where`, real threads. Run: build/release/bin/reload_bench
#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "commands/configuration.hpp"
#include "config/argument_check.hpp"
#include "picket/picket.h"
#include "platform/asio_executor.hpp"
#include "service/daemon.hpp"

namespace picket::service {
namespace {

constexpr int kSources = 190;
constexpr int kSinks = 10;
constexpr std::uint32_t kBatchEvents = 64;

// What the instances of the plugin below share.
struct Load {
  std::mutex mutex;
  std::vector<const picket_host*> sources;  // that run; guarded by mutex
  std::atomic<int> wanted{0};               // by who comes and goes: the emitter lets them have it first
  std::atomic<std::uint64_t> consumed{0};
};

Load& load() {
  static Load all;
  return all;
}

// An instance of the one plugin type of this benchmark: a source, or a sink that counts.
struct Busy {
  const picket_host* host = nullptr;
  bool is_sink = false;
};

template <typename Change>
void change_sources(const Change& change) {
  ++load().wanted;
  {
    const std::scoped_lock lock(load().mutex);
    change(load().sources);
  }
  --load().wanted;
}

picket_status consume(void* /*self*/, const picket_delivery* delivery) {
  load().consumed += delivery->count;
  return PICKET_OK;
}

const void* busy_extension(void* self, const char* id) {
  static constexpr picket_sink kSink = {sizeof(picket_sink), 0, &consume, nullptr, nullptr};
  return static_cast<Busy*>(self)->is_sink && std::string_view(id) == PICKET_EXT_SINK ? &kSink : nullptr;
}

picket_status create_busy(const picket_host* host, const picket_config* config, picket_plugin* plugin,
                          picket_error* /*error*/) {
  auto* const busy = new Busy{host};
  picket_str role{};
  const auto status = config->get(config->self, picket_str_of("/role", 5), PICKET_TYPE_TEXT, nullptr, &role);
  busy->is_sink = status == PICKET_OK && std::string_view(role.data, role.length) == "sink";
  plugin->size = sizeof *plugin;
  plugin->self = busy;
  plugin->start = [](void* self, picket_error*) {
    const auto* one = static_cast<Busy*>(self);
    if (!one->is_sink) change_sources([&](auto& sources) { sources.push_back(one->host); });
    return PICKET_OK;
  };
  plugin->stop = [](void* self) {
    change_sources([&](auto& sources) { std::erase(sources, static_cast<Busy*>(self)->host); });
  };
  plugin->destroy = [](void* self) { delete static_cast<Busy*>(self); };
  plugin->extension = &busy_extension;
  return PICKET_OK;
}

const picket_plugin_type kBusyType = {
    sizeof(picket_plugin_type),
    PICKET_ABI_MAJOR,
    PICKET_ABI_MINOR,
    0,
    0,
    0,
    "busy",
    "1",
    "Works without a break",
    R"({"type": "object", "properties": {"role": {"enum": ["source", "sink"], "default": "source"},
        "interval": {"type": "string", "format": "duration", "default": "1s"},
        "label": {"type": "string", "maxLength": 64}}})",
    &create_busy};

std::string configuration(int version) {
  std::string text = "daemon: {state_dir: /nowhere}\ninstances:\n";
  for (int i = 0; i < kSources; ++i) {
    const std::string label = i == 0 ? "version " + std::to_string(version) : "source " + std::to_string(i);
    text += "  source" + std::to_string(i) + ": {type: busy, interval: 5s, label: '" + label + "'}\n";
  }
  for (int i = 0; i < kSinks; ++i) text += "  sink" + std::to_string(i) + ": {type: busy, role: sink}\n";
  text += "routes:\n";
  for (int i = 0; i < 2 * kSinks; ++i) {
    text += "  route" + std::to_string(i) + ":\n    where: value >= 0\n    to: sink" + std::to_string(i % kSinks) +
            "\n    from: [";
    for (int source = i; source < kSources; source += 2 * kSinks) {
      text += (source == i ? "source" : ", source") + std::to_string(source);
    }
    text += "]\n";
  }
  return text;
}

// Emits from every source in turn. A source that is told to wait has its turn later.
class Emitter {
 public:
  void run() {
    while (!over) {
      while (load().wanted != 0) std::this_thread::yield();
      bool took = false;
      const std::scoped_lock lock(load().mutex);
      for (const picket_host* host : load().sources) took = emit(host) || took;
      if (!took) std::this_thread::yield();
    }
  }
  std::atomic<bool> over{false};
  std::atomic<std::uint64_t> emitted{0};

 private:
  bool emit(const picket_host* host) {
    picket_batch* batch = host->batch_new(host->self, kBatchEvents, kBatchEvents * 2, 0);
    const picket_name kind = host->intern(host->self, picket_str_of("metric", 6));
    const picket_name value = host->intern(host->self, picket_str_of("value", 5));
    for (std::uint32_t i = 0; i < kBatchEvents; ++i) {
      picket_batch_event(batch, kind);
      picket_batch_int(batch, value, i);
    }
    const picket_status status = host->emit(host->self, 0, batch, 0);
    if (status != PICKET_OK) host->batch_release(host->self, batch);
    if (status == PICKET_OK) emitted += kBatchEvents;
    return status == PICKET_OK;
  }
};

class NoLines final : public LogSink {
 public:
  void write(LogLevel /*level*/, std::string_view /*line*/) override {}
};

void wait_for(std::future<void> future) {
  future.wait();
}

void reload_200(benchmark::State& state) {
  const auto file = std::filesystem::temp_directory_path() / "picket_reload_bench.yaml";
  const auto write = [&](int version) { std::ofstream(file) << configuration(version); };
  write(0);
  const auto executor = std::make_shared<platform::AsioExecutor>("bench", 2);
  Log log({}, executor->clock(), std::make_unique<NoLines>());
  Notifier notifier(nullptr, executor->clock(), [](const std::string&) {});
  const auto catalog = std::make_shared<plugin_host::PluginCatalog>(std::vector<std::filesystem::path>{});
  if (!catalog->add(&kBusyType).ok()) return state.SkipWithError("the plugin was refused");
  std::ostream nowhere(nullptr);
  const commands::Surroundings surroundings{
      nowhere, nowhere, {}, [](const std::string&) { return std::nullopt; }, executor->clock()};
  commands::ConfigOptions options;
  options.files = {file.string()};
  const auto read = [&] {
    commands::Configuration next = commands::read_configuration(options, surroundings, catalog);
    return LoadedModel{std::move(next.loaded.model), {next.loaded.diagnostics.render()}};
  };
  LoadedModel first = read();
  if (!first.model) return state.SkipWithError(first.problems.front().c_str());
  Daemon daemon({executor, log, notifier, *catalog, config::check_argument, read, [] {}}, std::move(*first.model));
  std::promise<void> started;
  daemon.start([&] { started.set_value(); });
  wait_for(started.get_future());
  load().consumed = 0;
  Emitter emitter;
  std::thread thread([&] { emitter.run(); });
  const auto under_load = [&] {
    const std::uint64_t before = load().consumed;
    while (load().consumed < before + 10'000) std::this_thread::yield();
  };
  int version = 0;
  double worst_ms = 0;
  for (auto _ : state) {
    state.PauseTiming();
    write(++version);
    under_load();
    state.ResumeTiming();
    std::promise<Result<void>> answered;
    const std::int64_t began = executor->clock().monotonic_ns();
    daemon.reload([&](const Result<void>& result) { answered.set_value(result); });
    const Result<void> result = answered.get_future().get();
    worst_ms = std::max(worst_ms, static_cast<double>(executor->clock().monotonic_ns() - began) / 1e6);
    if (!result.ok()) state.SkipWithError(result.error().message.c_str());
  }
  under_load();
  emitter.over = true;
  thread.join();
  // The ledgers, once nothing is on its way.
  std::promise<std::string> told;
  daemon.core().router.when_drained("", [&] { daemon.lane()->post([&] { told.set_value(daemon.status_json()); }); });
  const auto status = nlohmann::json::parse(told.get_future().get());
  std::uint64_t delivered = 0;
  std::uint64_t lost = 0;
  for (const auto& route : status.at("routes")) {
    const auto& ledger = route.at("ledger");
    delivered += ledger.at("delivered").get<std::uint64_t>();
    lost += ledger.at("dead").get<std::uint64_t>();
    for (const auto& [reason, count] : ledger.at("dropped").items()) lost += count.get<std::uint64_t>();
  }
  int untouched = 0;
  for (const auto& instance : status.at("instances")) untouched += instance.at("starts") == 1 ? 1 : 0;
  state.counters["worst_ms"] = worst_ms;
  state.counters["untouched"] = untouched;
  state.counters["events"] = static_cast<double>(emitter.emitted);
  state.counters["lost"] =
      static_cast<double>(lost) + static_cast<double>(emitter.emitted) - static_cast<double>(delivered);
  state.counters["reloads"] = version;
  std::promise<void> stopped;
  daemon.stop([&] { stopped.set_value(); });
  wait_for(stopped.get_future());
  executor->stop();
  std::filesystem::remove(file);
}

BENCHMARK(reload_200)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(50);

}  // namespace
}  // namespace picket::service

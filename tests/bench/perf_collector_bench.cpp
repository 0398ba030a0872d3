// SPDX-License-Identifier: Apache-2.0
//
// What one tick of each group costs on the machine that runs this: reading, parsing and writing the rows, without the
// host. `values` is how many rows a tick has. The bar for cpu, load and memory together is 100 us; that for a tick over
// 2,000 processes with stat, statm and io is 1.35 times `preads_of_kept_files`, which reads the same files and does
// nothing with them, and less than 1 KiB of memory for each process.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cpu.hpp"
#include "disks.hpp"
#include "filesystems.hpp"
#include "groups.hpp"
#include "hwmon.hpp"
#include "kernel.hpp"
#include "load.hpp"
#include "memory.hpp"
#include "network.hpp"
#include "paging.hpp"
#include "pressure.hpp"
#include "processes.hpp"

namespace picket::perf_collector {
namespace {

// A host that only knows names.
class Names {
 public:
  Names() {
    table_.size = sizeof table_;
    table_.self = this;
    table_.intern = [](void* self, picket_str text) noexcept {
      return static_cast<Names*>(self)->intern({text.data, text.length});
    };
    table_.describe_metric = [](void* self, const picket_metric* metric) noexcept {
      return static_cast<Names*>(self)->intern({metric->name.data, metric->name.length});
    };
  }
  const picket_host* table() const { return &table_; }

 private:
  picket_name intern(std::string_view text) {
    return ids_.try_emplace(std::string(text), static_cast<picket_name>(ids_.size() + 1)).first->second;
  }
  picket_host table_{};
  std::map<std::string, picket_name> ids_;
};

struct World {
  Names names;
  Vocabulary vocabulary{names.table()};
  Samples samples{vocabulary};
};

void run(benchmark::State& state, World& world, const std::vector<Group*>& groups) {
  std::int64_t now = 0;
  for (auto _ : state) {
    now += 1'000'000'000;
    world.samples.begin(now);
    for (Group* group : groups) group->collect(now, world.samples);
    benchmark::DoNotOptimize(world.samples.view());
  }
  state.counters["values"] = world.samples.event_count();
}

void cpu(benchmark::State& state) {
  World world;
  const auto group = make_cpu({.per_core = state.range(0) != 0}, this_machine(), world.vocabulary);
  run(state, world, {group.get()});
}
BENCHMARK(cpu)->ArgName("per_core")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void load(benchmark::State& state) {
  World world;
  const auto group = make_load(this_machine(), world.vocabulary);
  run(state, world, {group.get()});
}
BENCHMARK(load)->Unit(benchmark::kMicrosecond);

void memory(benchmark::State& state) {
  World world;
  const auto group = make_memory(this_machine(), world.vocabulary);
  run(state, world, {group.get()});
}
BENCHMARK(memory)->Unit(benchmark::kMicrosecond);

void cpu_load_and_memory(benchmark::State& state) {
  World world;
  const auto cpu_group = make_cpu({}, this_machine(), world.vocabulary);
  const auto load_group = make_load(this_machine(), world.vocabulary);
  const auto memory_group = make_memory(this_machine(), world.vocabulary);
  run(state, world, {cpu_group.get(), load_group.get(), memory_group.get()});
}
BENCHMARK(cpu_load_and_memory)->Unit(benchmark::kMicrosecond);

void one_group(benchmark::State& state, std::unique_ptr<Group> (*make)(const Machine&, const Vocabulary&)) {
  World world;
  const auto group = make(this_machine(), world.vocabulary);
  run(state, world, {group.get()});
}
BENCHMARK_CAPTURE(one_group, paging, [](const Machine& m, const Vocabulary& v) {
  return make_paging({}, m, v);
})->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(one_group, disks, [](const Machine& m, const Vocabulary& v) {
  return make_disks({{{}, {"loop*"}}, false}, m, v);
})->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(one_group, filesystems, [](const Machine& m, const Vocabulary& v) {
  return make_filesystems({{}, {{}, default_excluded_types()}}, m, v);
})->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(one_group, network, [](const Machine& m, const Vocabulary& v) {
  return make_network({}, m, v);
})->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(one_group, pressure, [](const Machine& m, const Vocabulary& v) {
  return make_pressure({}, false, m, v);
})->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(one_group, kernel, [](const Machine& m, const Vocabulary& v) {
  return make_kernel(m, v);
})->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(one_group, hwmon, [](const Machine& m, const Vocabulary& v) {
  return make_hwmon({}, false, m, v);
})->Unit(benchmark::kMicrosecond);

// The bar for one tick of all host groups, each at every tick, is 1.5 ms.
void all_host_groups(benchmark::State& state) {
  World world;
  Settings settings = parse_settings("{}").value();
  settings.processes.reset();
  for (auto* every : {&settings.filesystems->every_ns, &settings.hwmon->every_ns}) *every = settings.interval_ns;
  Groups groups(settings, this_machine(), world.vocabulary);
  std::int64_t now = 0;
  for (auto _ : state) {
    now += settings.interval_ns;
    world.samples.begin(now);
    groups.collect_due(now, now, world.samples);
    benchmark::DoNotOptimize(world.samples.view());
  }
  state.counters["values"] = world.samples.event_count();
}
BENCHMARK(all_host_groups)->Unit(benchmark::kMicrosecond);

// Sleeping children, so that there are at least `count` processes.
class Crowd {
 public:
  explicit Crowd(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      const pid_t pid = ::fork();
      if (pid == 0) {
        for (;;) ::pause();
      }
      if (pid > 0) children_.push_back(pid);
    }
  }
  ~Crowd() {
    for (const pid_t child : children_) ::kill(child, SIGKILL);
    for (const pid_t child : children_) ::waitpid(child, nullptr, 0);
  }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

 private:
  std::vector<pid_t> children_;
};

// Arguments: how many processes are added to those that run, and whether their files stay open. `for_each` is the CPU
// time of one process.
void processes(benchmark::State& state) {
  const Crowd crowd(state.range(0));
  World world;
  Machine machine = this_machine();
  if (state.range(1) == 0) machine.kept_process_files = 0;
  ProcessesSettings settings;
  settings.match = {{"bench", "perf_collector*", "", "", ""}};
  settings.top = 10;
  const auto group = make_processes(settings, machine, world.vocabulary);
  run(state, world, {group.get()});
  // The rows of system.process.count come first and add up to all processes.
  const picket_batch rows = world.samples.view();
  std::int64_t all = 0;
  for (std::uint32_t i = 0; i < rows.event_count; ++i) {
    const picket_field* field = rows.fields + rows.events[i].first_field;
    if (field[0].value.name == world.vocabulary.metric(kProcessesByState)) all += field[1].value.i;
  }
  state.counters["processes"] = static_cast<double>(all);
  state.counters["for_each"] = benchmark::Counter(
      static_cast<double>(all), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(processes)
    ->ArgNames({"added", "kept"})
    ->Args({0, 1})
    ->Args({100, 1})
    ->Args({400, 1})
    ->Args({400, 0})
    ->Unit(benchmark::kMicrosecond);

// Three descriptors of each of 2,000 processes stay open; the usual soft limit of 1,024 is no part of the comparison.
void allow_many_files() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 65'536);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::vector<std::string> pids_of_all() {
  std::vector<std::string> pids;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") == std::string::npos) pids.push_back(name);
  }
  return pids;
}

void set_for_each(benchmark::State& state, double processes) {
  state.counters["processes"] = processes;
  state.counters["for_each"] =
      benchmark::Counter(processes, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

// The floor: stat, statm and io of every process through descriptors that stay open, into one buffer.
void preads_of_kept_files(benchmark::State& state) {
  allow_many_files();
  const Crowd crowd(state.range(0));
  std::vector<int> files;
  const std::vector<std::string> pids = pids_of_all();
  for (const std::string& pid : pids) {
    for (const char* name : {"/stat", "/io", "/statm"}) {
      const int file = ::open(("/proc/" + pid + name).c_str(), O_RDONLY | O_CLOEXEC);
      if (file >= 0) files.push_back(file);
    }
  }
  std::array<char, 4096> buffer;
  for (auto _ : state) {
    for (const int file : files) benchmark::DoNotOptimize(::pread(file, buffer.data(), buffer.size(), 0));
  }
  for (const int file : files) ::close(file);
  set_for_each(state, static_cast<double>(pids.size()));
}
BENCHMARK(preads_of_kept_files)->ArgName("added")->Arg(2'000)->Unit(benchmark::kMillisecond);

// The group that reads the same of every process and sums it by program; `bytes_each` is the memory that it holds for
// each process.
void process_details(benchmark::State& state) {
  allow_many_files();
  const Crowd crowd(state.range(0));
  World world;
  ProcessesSettings settings;
  settings.top = 10;
  settings.by = TopBy::io;
  settings.top_details = detail_bit(kDetailIo) | detail_bit(kDetailShared);
  settings.match = {{"bench", "perf_collector*", "", "", ""}};
  settings.budget = 100'000;
  const std::size_t before = ::mallinfo2().uordblks + ::mallinfo2().hblkhd;
  const auto group = make_processes(settings, this_machine(), world.vocabulary);
  run(state, world, {group.get()});
  const double used = static_cast<double>(::mallinfo2().uordblks + ::mallinfo2().hblkhd - before);
  const auto processes = static_cast<double>(pids_of_all().size());
  set_for_each(state, processes);
  state.counters["bytes_each"] = used / processes;
}
BENCHMARK(process_details)->ArgName("added")->Arg(2'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace picket::perf_collector

// SPDX-License-Identifier: Apache-2.0
#include "metrics.hpp"

#include <optional>
#include <string>
#include <vector>

namespace picket::process_supervisor {
namespace {

constexpr std::int64_t kPatience = 1'000'000'000;  // ns
constexpr std::uint32_t kEventsOfBatch = 4'096;
constexpr std::uint32_t kFieldsOfMetric = 4;
constexpr std::size_t kMeasuredAtOnce = 1'024;

}  // namespace

// Fills batches and emits each when it is full. All text is interned, so they need no room for it.
struct Metrics::Writer {
  Metrics& of;
  std::optional<Batch> batch{};
  bool room = true;

  EventBuilder begin(Name metric, Name who) {
    for (int attempt = 0; attempt < 2; ++attempt) {
      if (!batch) batch.emplace(of.host_, kEventsOfBatch, kEventsOfBatch * kFieldsOfMetric, 0);
      const Words& words = of.fleet_.reporter().words();
      if (batch->size() < kEventsOfBatch) {
        EventBuilder event = batch->add(words.metric);
        event.time(of.due_ns_).set(words.name, metric).set(of.key_, who);
        return event;
      }
      flush();
    }
    return batch->add({});
  }
  void add(Name metric, Name who, std::int64_t value, Name key = {}, Name attribute = {}) {
    EventBuilder event = begin(metric, who);
    event.set(of.fleet_.reporter().words().value, value);
    if (key) event.set(key, attribute);
  }
  void add(Name metric, Name who, double value, Name key = {}, Name attribute = {}) {
    EventBuilder event = begin(metric, who);
    event.set(of.fleet_.reporter().words().value, value);
    if (key) event.set(key, attribute);
  }
  void flush() {
    if (batch && !batch->empty() && room) room = of.fleet_.reporter().metrics(std::move(*batch));
    batch.reset();
  }
};

Metrics::Metrics(Host host, Fleet& fleet, Watcher& watcher)
    : host_(host),
      fleet_(fleet),
      watcher_(watcher),
      key_(host.name("picket.program")),
      cause_key_(host.name("picket.restart.cause")),
      mode_key_(host.name("cpu.mode")),
      user_(host.name("user")),
      system_(host.name("system")),
      direction_key_(host.name("disk.io.direction")),
      read_(host.name("read")),
      write_(host.name("write")),
      state_(host.describe_metric({"picket.program.state", "1",
                                   "State of a program: 0 stopped, 1 starting, 2 ready, 3 running, 4 degraded, "
                                   "5 stopping, 6 backoff, 7 failed, 8 exited.",
                                   Instrument::gauge, 0})),
      up_(host.describe_metric({"picket.program.up", "1", "1 while a program is ready, running or degraded, else 0.",
                                Instrument::gauge, 0})),
      restarts_(host.describe_metric(
          {"picket.program.restarts", "{restart}", "Restarts of a program by cause.", Instrument::counter, 0})),
      failures_(host.describe_metric({"picket.program.failures", "{failure}",
                                      "Ends of a program in a row that nobody asked for.", Instrument::gauge, 0})),
      uptime_(host.describe_metric(
          {"process.uptime", "s", "The time since the process was started.", Instrument::gauge, 2})),
      cpu_(host.describe_metric({"process.cpu.time", "s", "CPU time.", Instrument::counter, 2})),
      memory_(host.describe_metric(
          {"process.memory.usage", "By", "Physical memory in use.", Instrument::updowncounter, 0})),
      io_(host.describe_metric(
          {"process.disk.io", "By", "Bytes read from and written to storage.", Instrument::counter, 0})),
      count_(host.describe_metric({"process.count", "{process}", "Processes.", Instrument::updowncounter, 0})),
      threads_(host.describe_metric({"process.thread.count", "{thread}", "Threads.", Instrument::updowncounter, 0})) {
  for (std::size_t i = 0; i < kCauses; ++i) causes_[i] = host.name(name_of(static_cast<Cause>(i)));
}

void Metrics::tick(std::int64_t due_ns) {
  if (limit_ != 0) emit();  // the last round is late; it says what it has
  due_ns_ = due_ns;
  std::vector<ProgramId> ids = watcher_.ids();
  for (const auto& [name, program] : fleet_.programs()) {
    if (program->started()) ids.push_back(program->id());
  }
  if (ids.empty() && fleet_.programs().empty()) return;
  for (std::size_t at = 0; at < ids.size(); at += kMeasuredAtOnce) {
    const std::size_t count = std::min(kMeasuredAtOnce, ids.size() - at);
    if (fleet_.processes().measure({ids.data() + at, count}) != PICKET_OK) continue;
    awaited_.insert(ids.begin() + static_cast<std::ptrdiff_t>(at),
                    ids.begin() + static_cast<std::ptrdiff_t>(at + count));
  }
  if (awaited_.empty()) return emit();
  limit_ = fleet_.agenda().after(kPatience, [this] {
    limit_ = 0;
    emit();
  });
}

void Metrics::measured(ProgramId id) {
  if (awaited_.erase(id) != 0 && awaited_.empty()) emit();
}

void Metrics::end() {
  fleet_.agenda().cancel(limit_);
  awaited_.clear();
}

void Metrics::emit() {
  end();
  Writer out{*this};
  for (const auto& [name, program] : fleet_.programs()) write_program(out, *program);
  for (const Watcher::Sum& sum : watcher_.sums()) {
    out.add(up_, sum.name, std::int64_t{sum.processes > 0});
    write_usage(out, sum.name, sum.usage, sum.processes);
  }
  out.flush();
}

void Metrics::write_program(Writer& out, const Program& program) {
  const Name who = program.word();
  out.add(state_, who, static_cast<std::int64_t>(program.state()));
  out.add(up_, who, std::int64_t{is_up(program.state())});
  out.add(failures_, who, std::int64_t{program.failures()});
  for (std::size_t i = 0; i < kCauses; ++i) {
    const std::uint64_t count = program.restarts()[i];
    if (count > 0) out.add(restarts_, who, static_cast<std::int64_t>(count), cause_key_, causes_[i]);
  }
  if (!program.started()) return;
  out.add(uptime_, who, static_cast<double>(program.uptime_ns()) / 1e9);
  if (program.usage()) write_usage(out, who, *program.usage(), program.usage()->processes);
}

void Metrics::write_usage(Writer& out, Name who, const ProgramUsage& usage, std::uint32_t processes) {
  out.add(count_, who, std::int64_t{processes});
  if (usage.user_ns >= 0) out.add(cpu_, who, static_cast<double>(usage.user_ns) / 1e9, mode_key_, user_);
  if (usage.system_ns >= 0) out.add(cpu_, who, static_cast<double>(usage.system_ns) / 1e9, mode_key_, system_);
  if (usage.memory >= 0) out.add(memory_, who, usage.memory);
  if (usage.read_bytes >= 0) out.add(io_, who, usage.read_bytes, direction_key_, read_);
  if (usage.written_bytes >= 0) out.add(io_, who, usage.written_bytes, direction_key_, write_);
  if (usage.threads >= 0) out.add(threads_, who, usage.threads);
}

}  // namespace picket::process_supervisor

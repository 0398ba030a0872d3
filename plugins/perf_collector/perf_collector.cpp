// SPDX-License-Identifier: Apache-2.0
//
// See perf_collector.hpp.
//
// `collect` has groups of its own, read twice: so it disturbs no difference that a tick will make, and has utilization
// to show even when it is the first thing that an instance does.
#include "perf_collector.hpp"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

namespace picket::perf_collector {

namespace {

constexpr std::size_t kMostProbes = 4;
constexpr double kProbeSeconds = 0.25;

Settings settings_of(const Config& config) {
  Result<Settings> settings = parse_settings(config.json());
  if (!settings) throw Failure(settings.error().message, settings.error().status);
  return std::move(settings).value();
}

}  // namespace

struct PerfCollector::Probe {
  Groups groups;
  Reply reply;
  picket_call call;
  Timer timer;
};

PerfCollector::PerfCollector(Host host, const Config& config) : PerfCollector(host, config, this_machine()) {}

PerfCollector::PerfCollector(Host host, const Config& config, Machine machine)
    : Plugin(host),
      machine_(std::move(machine)),
      vocabulary_(host.c()),
      settings_(settings_of(config)),
      groups_(std::make_unique<Groups>(settings_, machine_, vocabulary_)),
      samples_(vocabulary_),
      ticks_(host, "ticks", "{tick}", "Readings of this collector."),
      missed_ticks_(host, "missed_ticks", "{tick}",
                    "Readings that were skipped because the machine was too late for them."),
      dropped_ticks_(host, "dropped_ticks", "{tick}",
                     "Readings that were left out because an earlier one still waited for room."),
      read_errors_(host, "read_errors", "{error}", "Files, lines and calls that could not be read."),
      emitted_(host, "samples", "{sample}", "Values emitted.") {}

PerfCollector::~PerfCollector() = default;

void PerfCollector::start() {
  groups_->prime(host().monotonic().count(), samples_);
  tell_faults();
  schedule();
}

void PerfCollector::stop() {
  timer_.cancel();
  probes_.clear();
  pending_.reset();
}

void PerfCollector::schedule() {
  timer_ =
      Timer::aligned(host(), std::chrono::nanoseconds(settings_.interval_ns), [this](const Tick& run) { tick(run); });
}

void PerfCollector::tick(const Tick& tick) {
  ticks_.add();
  if (tick.missed > 0) missed_ticks_.add(tick.missed);
  // While a tick waits, reading another is of no use: unread, the next differences cover the gap.
  if (pending_ && !emit_pending()) {
    dropped_ticks_.add();
    return;
  }
  samples_.begin(tick.due_ns);
  const std::size_t due = groups_->collect_due(tick.due_ns, tick.monotonic_ns, samples_);
  tell_faults();
  const bool empty = samples_.event_count() == 0;
  if (due > 0) nothing_read_ = empty;
  if (empty) return;
  pending_.emplace(host(), samples_.event_count(), samples_.field_count(), samples_.byte_count());
  samples_.copy_to(*pending_->c());
  emit_pending();
}

bool PerfCollector::emit_pending() {
  const std::uint32_t count = pending_->size();
  const picket_status status = pending_->emit();
  if (status == PICKET_BUSY) return false;
  pending_.reset();
  if (status == PICKET_OK) {
    emitted_.add(count);
  } else {
    dropped_ticks_.add();
    host().error("the host refused a batch of " + std::to_string(count) + " samples with status " +
                 std::to_string(status));
  }
  return true;
}

void PerfCollector::on_ready(Name /*port*/) {
  if (pending_) emit_pending();
}

void PerfCollector::tell_faults() {
  const std::uint64_t count = groups_->take_fault_count();
  if (count > 0) read_errors_.add(count);
  groups_->tell_fault_changes([this](bool failing, const std::string& message) {
    failing ? host().warning(message + " (told once; counted in read_errors)") : host().info(message);
  });
}

bool PerfCollector::reload(const Config& config) {
  Settings settings = settings_of(config);
  auto groups = std::make_unique<Groups>(settings, machine_, vocabulary_);
  // From here on nothing can fail but memory.
  groups->adopt(*groups_);
  groups->prime(host().monotonic().count(), samples_);
  const bool new_interval = settings.interval_ns != settings_.interval_ns;
  groups_ = std::move(groups);
  settings_ = std::move(settings);
  tell_faults();
  if (new_interval && timer_) schedule();
  return true;
}

HealthReport PerfCollector::health() {
  std::string faults = groups_->fault_message();
  if (faults.empty()) return HealthReport::good();
  return nothing_read_ ? HealthReport::bad(std::move(faults)) : HealthReport::degraded(std::move(faults));
}

void PerfCollector::execute(std::string_view command, std::string_view args_json, Reply&& reply) {
  if (command != "collect") return reply.fail("there is no such command; this instance has: collect", PICKET_NOT_FOUND);
  if (probes_.size() >= kMostProbes) {
    return reply.fail("4 collections are already running; ask again when one has ended", PICKET_LIMIT);
  }
  double seconds = kProbeSeconds;
  if (!args_json.empty()) {
    const auto args = nlohmann::json::parse(args_json);
    if (args.is_object()) seconds = args.value("seconds", kProbeSeconds);
  }
  if (!(seconds >= 0.05 && seconds <= 60)) return reply.fail("seconds: must be between 0.05 and 60", PICKET_INVALID);

  Machine machine = machine_;
  machine.kept_process_files = 0;  // two readings are not worth thousands of open files
  const picket_call call = reply.call();
  auto probe = std::make_unique<Probe>(Probe{Groups(settings_, machine, vocabulary_), std::move(reply), call, Timer()});
  Samples scratch(vocabulary_);
  probe->groups.prime(host().monotonic().count(), scratch);
  probe->timer = Timer::after(host(), std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9)),
                              [this, running = probe.get()](const Tick& /*run*/) { finish(*running); });
  probes_.push_back(std::move(probe));
}

void PerfCollector::finish(Probe& probe) {
  Samples samples(vocabulary_);
  samples.begin(host().wall_ns());
  probe.groups.collect_all(host().monotonic().count(), samples);
  probe.reply.ok(samples.to_json());
  abandoned(probe.call);
}

void PerfCollector::abandoned(picket_call call) {
  std::erase_if(probes_, [call](const auto& probe) { return probe->call == call; });
}

}  // namespace picket::perf_collector

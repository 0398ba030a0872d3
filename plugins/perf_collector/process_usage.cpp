// SPDX-License-Identifier: Apache-2.0
//
// See process_usage.hpp. A sum of the kernel's own counters would fall whenever a process exits, and a falling counter
// reads as a restart: so a sum adds up differences.
#include "process_usage.hpp"

#include <algorithm>

#include "processes.hpp"

namespace picket::perf_collector {

void ProcessUsage::begin() {
  const auto kept = totals;
  *this = ProcessUsage{};
  totals = kept;
}

void ProcessUsage::add(const FollowedProcess& process) {
  if (!process.known) return;
  add_present(process);
  if (!process.fresh) return;
  for (std::size_t i = 0; i < kProcessCounters; ++i) totals[i] += process.spent[i];
}

ProcessUsage ProcessUsage::of(const FollowedProcess& process) {
  ProcessUsage usage;
  usage.add_present(process);
  usage.totals = process.now.counters;
  return usage;
}

void ProcessUsage::add_present(const FollowedProcess& process) {
  ++count;
  for (std::size_t i = 0; i < kProcessGauges; ++i) gauges[i] += process.now.gauges[i];
  user_rate += process.rate(kUserTime);
  system_rate += process.rate(kSystemTime);
  io_rate += process.rate(kReadBytes) + process.rate(kWrittenBytes);
  interval_ns = std::max(interval_ns, process.interval_ns);
  oldest_start = std::min(oldest_start, process.now.start);
  have |= process.now.have;
  refused |= process.now.refused;
}

ProcessRows::ProcessRows(const Vocabulary& vocabulary, std::int64_t ticks_per_second)
    : ticks_per_second_(static_cast<double>(ticks_per_second)),
      count_(vocabulary.metric(kProcessCount)),
      interval_(vocabulary.metric(kProcessInterval)),
      cpu_time_(vocabulary.metric(kProcessCpuTime)),
      cpu_utilization_(vocabulary.metric(kProcessCpuUtilization)),
      memory_(vocabulary.metric(kProcessMemory)),
      virtual_(vocabulary.metric(kProcessVirtual)),
      shared_(vocabulary.metric(kProcessShared)),
      pss_(vocabulary.metric(kProcessPss)),
      threads_(vocabulary.metric(kProcessThreads)),
      files_(vocabulary.metric(kProcessFiles)),
      io_(vocabulary.metric(kProcessIo)),
      io_calls_(vocabulary.metric(kProcessIoCalls)),
      switches_(vocabulary.metric(kProcessSwitches)),
      faults_(vocabulary.metric(kProcessFaults)),
      uptime_(vocabulary.metric(kProcessUptime)),
      match_key_(vocabulary.name("picket.process.match")),
      slot_key_(vocabulary.name("picket.process.slot")),
      program_key_(vocabulary.name("process.executable.name")),
      mode_key_(vocabulary.name("cpu.mode")),
      direction_key_(vocabulary.name("disk.io.direction")),
      switch_key_(vocabulary.name("process.context_switch_type")),
      fault_key_(vocabulary.name("process.paging.fault_type")),
      user_(vocabulary.name("user")),
      system_(vocabulary.name("system")),
      read_(vocabulary.name("read")),
      write_(vocabulary.name("write")),
      voluntary_(vocabulary.name("voluntary")),
      involuntary_(vocabulary.name("involuntary")),
      minor_(vocabulary.name("minor")),
      major_(vocabulary.name("major")) {}

void ProcessRows::set(const ProcessTag& tag, Samples& samples) const {
  if (tag.match != 0) samples.set(match_key_, tag.match);
  if (tag.slot >= 0) samples.set_number(slot_key_, tag.slot);
  if (!tag.program.empty()) samples.set_text(program_key_, tag.program);
}

void ProcessRows::add_count(const ProcessUsage& usage, const ProcessTag& tag, Samples& samples) const {
  set(tag, samples.add(count_, usage.count));
}

void ProcessRows::add_interval(const ProcessUsage& usage, const ProcessTag& tag, Samples& samples) const {
  if (usage.interval_ns > 0) set(tag, samples.add(interval_, static_cast<double>(usage.interval_ns) * 1e-9));
}

void ProcessRows::add_cpu_time(const ProcessUsage& usage, const ProcessTag& tag, Samples& samples) const {
  const auto seconds = [&](ProcessCounter counter) {
    return static_cast<double>(usage.totals[counter]) / ticks_per_second_;
  };
  set(tag, samples.add(cpu_time_, seconds(kUserTime)).set(mode_key_, user_));
  set(tag, samples.add(cpu_time_, seconds(kSystemTime)).set(mode_key_, system_));
}

void ProcessRows::add_utilization(const ProcessUsage& usage, const ProcessTag& tag, int cpus, Samples& samples) const {
  const double capacity = ticks_per_second_ * cpus;
  set(tag, samples.add(cpu_utilization_, usage.user_rate / capacity).set(mode_key_, user_));
  set(tag, samples.add(cpu_utilization_, usage.system_rate / capacity).set(mode_key_, system_));
}

void ProcessRows::add_whole_utilization(const ProcessUsage& usage, const ProcessTag& tag, int cpus,
                                        Samples& samples) const {
  set(tag, samples.add(cpu_utilization_, (usage.user_rate + usage.system_rate) / (ticks_per_second_ * cpus)));
}

void ProcessRows::add_memory(const ProcessUsage& usage, const ProcessTag& tag, Samples& samples) const {
  add_gauge(memory_, usage, kResidentBytes, tag, samples);
}

void ProcessRows::add_virtual(const ProcessUsage& usage, const ProcessTag& tag, Samples& samples) const {
  add_gauge(virtual_, usage, kVirtualBytes, tag, samples);
}

void ProcessRows::add_details(const ProcessUsage& usage, DetailSet details, double age_seconds, const ProcessTag& tag,
                              Samples& samples) const {
  // Nobody there is a zero that is known; only a refusal leaves a row out.
  const auto shows = [&](ProcessDetail detail) {
    const DetailSet bit = detail_bit(detail);
    return (details & bit) != 0 && (usage.count == 0 || (usage.have & bit) != 0);
  };
  const auto counter = [&](picket_name metric, ProcessCounter which, picket_name key, picket_name value) {
    add_counter(metric, usage, which, key, value, tag, samples);
  };
  if (shows(kDetailThreads)) add_gauge(threads_, usage, kThreadCount, tag, samples);
  if (shows(kDetailFaults)) {
    counter(faults_, kMinorFaults, fault_key_, minor_);
    counter(faults_, kMajorFaults, fault_key_, major_);
  }
  if (shows(kDetailUptime) && usage.count > 0) set(tag, samples.add(uptime_, age_seconds));
  if (shows(kDetailIo)) {
    counter(io_, kReadBytes, direction_key_, read_);
    counter(io_, kWrittenBytes, direction_key_, write_);
    counter(io_calls_, kReadCalls, direction_key_, read_);
    counter(io_calls_, kWriteCalls, direction_key_, write_);
  }
  if (shows(kDetailShared)) add_gauge(shared_, usage, kSharedBytes, tag, samples);
  if (shows(kDetailSwitches)) {
    counter(switches_, kVoluntarySwitches, switch_key_, voluntary_);
    counter(switches_, kInvoluntarySwitches, switch_key_, involuntary_);
  }
  if (shows(kDetailFiles)) add_gauge(files_, usage, kOpenFiles, tag, samples);
  if (shows(kDetailPss)) add_gauge(pss_, usage, kProportionalBytes, tag, samples);
}

void ProcessRows::add_counter(picket_name metric, const ProcessUsage& usage, ProcessCounter counter, picket_name key,
                              picket_name value, const ProcessTag& tag, Samples& samples) const {
  set(tag, samples.add(metric, static_cast<std::int64_t>(usage.totals[counter])).set(key, value));
}

void ProcessRows::add_gauge(picket_name metric, const ProcessUsage& usage, ProcessGauge gauge, const ProcessTag& tag,
                            Samples& samples) const {
  set(tag, samples.add(metric, usage.gauges[gauge]));
}

}  // namespace picket::perf_collector

// SPDX-License-Identifier: Apache-2.0
//
// Windows half of the group `cpu`: GetSystemTimes for the machine, and NtQuerySystemInformation
// (SystemProcessorPerformanceInformation) for its logical CPUs, in units of 100 ns. Kernel time contains idle time
// there, and for single CPUs also the time of interrupts and deferred calls.
#include <windows.h>
#include <winternl.h>

#include "cpu.hpp"

namespace picket::perf_collector {

namespace {

constexpr unsigned kMachineModes = 1U << kUser | 1U << kSystem | 1U << kIdle;
constexpr unsigned kCoreModes = kMachineModes | 1U << kInterrupt;

// SystemProcessorPerformanceInformation = 8, one record for each CPU of the caller's processor group. The names of
// winternl.h leave the two interrupt times as Reserved1.
constexpr auto kProcessorPerformance = static_cast<SYSTEM_INFORMATION_CLASS>(8);
struct ProcessorPerformance {
  std::uint64_t idle, kernel, user, deferred_calls, interrupt;
  std::uint32_t interrupt_count, unused;
};
static_assert(sizeof(ProcessorPerformance) == sizeof(SYSTEM_PROCESSOR_PERFORMANCE_INFORMATION));
constexpr std::size_t kCoresOfGroup = 64;

std::uint64_t units(const FILETIME& time) {
  return std::uint64_t{time.dwHighDateTime} << 32U | time.dwLowDateTime;
}

class CpuGroup final : public Group {
 public:
  CpuGroup(const CpuSettings& settings, const Machine& machine, const Vocabulary& vocabulary)
      : settings_(settings),
        online_cpus_(machine.online_cpus),
        machine_meter_(vocabulary, machine.ticks_per_second, kMachineModes),
        core_meter_(vocabulary, machine.ticks_per_second, kCoreModes, settings.cores),
        machine_fault_(faults_.add("GetSystemTimes")),
        core_fault_(faults_.add("NtQuerySystemInformation(processors)")) {}

  void collect(std::int64_t /*monotonic_ns*/, Samples& samples) override {
    collect_machine(samples);
    if (settings_.per_core) collect_cores(samples);
    core_meter_.add_count(online_cpus_(), samples);
  }

 private:
  void collect_machine(Samples& samples) {
    FILETIME idle{}, kernel{}, user{};
    if (GetSystemTimes(&idle, &kernel, &user) == 0) {
      return faults_.bad(machine_fault_, "error " + std::to_string(GetLastError()));
    }
    faults_.good(machine_fault_);
    CpuReading reading;
    reading.units[kUser] = units(user);
    reading.units[kIdle] = units(idle);
    reading.units[kSystem] = units(kernel) - units(idle);
    machine_meter_.add(reading, samples);
  }

  void collect_cores(Samples& samples) {
    ULONG length = 0;
    const NTSTATUS status = NtQuerySystemInformation(kProcessorPerformance, cores_.data(), sizeof cores_, &length);
    if (status < 0) return faults_.bad(core_fault_, "status " + std::to_string(status));
    faults_.good(core_fault_);
    for (std::size_t core = 0; core < length / sizeof(ProcessorPerformance); ++core) {
      const ProcessorPerformance& times = cores_[core];
      CpuReading reading;
      reading.core = static_cast<int>(core);
      reading.units[kUser] = times.user;
      reading.units[kIdle] = times.idle;
      reading.units[kInterrupt] = times.interrupt + times.deferred_calls;
      const std::uint64_t others = times.idle + reading.units[kInterrupt];
      reading.units[kSystem] = times.kernel > others ? times.kernel - others : 0;
      core_meter_.add(reading, samples);
    }
  }

  CpuSettings settings_;
  int (*online_cpus_)();
  CpuMeter machine_meter_, core_meter_;
  Faults::Slot machine_fault_, core_fault_;
  std::array<ProcessorPerformance, kCoresOfGroup> cores_{};
};

}  // namespace

std::unique_ptr<Group> make_cpu(const CpuSettings& settings, const Machine& machine, const Vocabulary& vocabulary) {
  return std::make_unique<CpuGroup>(settings, machine, vocabulary);
}

}  // namespace picket::perf_collector

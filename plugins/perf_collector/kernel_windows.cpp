// SPDX-License-Identifier: Apache-2.0
//
// Windows half of the group `kernel`: NtQuerySystemInformation for context switches (32 bits) and for the interrupts of
// the first 64 CPUs, GetPerformanceInfo for handles and threads, GetTickCount64 for the uptime. Windows has no limits
// that could be asked for, and does not count what was created.
#include <windows.h>
#include <winternl.h>
// after windows.h
#include <psapi.h>

#include <array>

#include "kernel.hpp"
#include "rows.hpp"

namespace picket::perf_collector {

namespace {

// SystemProcessorPerformanceInformation: times of one CPU, then how many interrupts it took.
constexpr auto kProcessors = static_cast<SYSTEM_INFORMATION_CLASS>(8);
struct ProcessorCounters {
  std::array<std::uint64_t, 5> times;
  std::uint32_t interrupts, unused;
};
static_assert(sizeof(ProcessorCounters) == sizeof(SYSTEM_PROCESSOR_PERFORMANCE_INFORMATION));

class KernelGroup final : public Group {
 public:
  explicit KernelGroup(const Vocabulary& vocabulary)
      : uptime_({&kUptime, {}, 1, 3}, vocabulary),
        switches_({&kContextSwitches}, vocabulary),
        interrupts_({&kInterrupts}, vocabulary),
        handles_({&kFileHandles}, vocabulary),
        threads_({&kThreads}, vocabulary),
        switch_fault_(faults_.add("NtQuerySystemInformation(performance)")),
        interrupt_fault_(faults_.add("NtQuerySystemInformation(processors)")),
        table_fault_(faults_.add("GetPerformanceInfo")) {}

  void collect(std::int64_t /*monotonic_ns*/, Samples& samples) override {
    uptime_.add(static_cast<std::int64_t>(GetTickCount64()), samples);
    if (switches_.wanted()) collect_switches(samples);
    if (interrupts_.wanted()) collect_interrupts(samples);
    PERFORMANCE_INFORMATION tables{};
    if (GetPerformanceInfo(&tables, sizeof tables) == 0) {
      return faults_.bad(table_fault_, "error " + std::to_string(GetLastError()));
    }
    faults_.good(table_fault_);
    handles_.add(tables.HandleCount, samples);
    threads_.add(tables.ThreadCount, samples);
  }

 private:
  void collect_switches(Samples& samples) {
    SYSTEM_PERFORMANCE_INFORMATION counters{};
    const NTSTATUS status = NtQuerySystemInformation(SystemPerformanceInformation, &counters, sizeof counters, nullptr);
    if (status < 0) return faults_.bad(switch_fault_, "status " + std::to_string(status));
    faults_.good(switch_fault_);
    switches_.add(counters.ContextSwitches, samples);
  }

  void collect_interrupts(Samples& samples) {
    ULONG length = 0;
    const NTSTATUS status = NtQuerySystemInformation(kProcessors, processors_.data(), sizeof processors_, &length);
    if (status < 0) return faults_.bad(interrupt_fault_, "status " + std::to_string(status));
    faults_.good(interrupt_fault_);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < length / sizeof(ProcessorCounters); ++i) sum += processors_[i].interrupts;
    interrupts_.add(counter_value(sum), samples);
  }

  SampleRow uptime_, switches_, interrupts_, handles_, threads_;
  Faults::Slot switch_fault_, interrupt_fault_, table_fault_;
  std::array<ProcessorCounters, 64> processors_{};
};

}  // namespace

std::unique_ptr<Group> make_kernel(const Machine& /*machine*/, const Vocabulary& vocabulary) {
  return std::make_unique<KernelGroup>(vocabulary);
}

}  // namespace picket::perf_collector

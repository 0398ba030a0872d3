// SPDX-License-Identifier: Apache-2.0
//
// Windows half of the group `memory`: GlobalMemoryStatusEx. What is available counts as free, the rest as used.
#include <windows.h>

#include "memory.hpp"

namespace picket::perf_collector {

namespace {

class MemoryGroup final : public Group {
 public:
  explicit MemoryGroup(const Vocabulary& vocabulary)
      : meter_(vocabulary), fault_(faults_.add("GlobalMemoryStatusEx")) {}

  void collect(std::int64_t /*monotonic_ns*/, Samples& samples) override {
    MEMORYSTATUSEX status{};
    status.dwLength = sizeof status;
    if (GlobalMemoryStatusEx(&status) == 0) {
      return faults_.bad(fault_, "error " + std::to_string(GetLastError()));
    }
    faults_.good(fault_);
    const auto limit = static_cast<std::int64_t>(status.ullTotalPhys);
    const auto available = static_cast<std::int64_t>(status.ullAvailPhys);
    meter_.add_limit(limit, samples);
    meter_.add(MemoryMeter::kFree, available, limit, samples);
    meter_.add(MemoryMeter::kUsed, limit - available, limit, samples);
  }

 private:
  MemoryMeter meter_;
  Faults::Slot fault_;
};

}  // namespace

std::unique_ptr<Group> make_memory(const Machine& /*machine*/, const Vocabulary& vocabulary) {
  return std::make_unique<MemoryGroup>(vocabulary);
}

}  // namespace picket::perf_collector

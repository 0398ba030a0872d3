// SPDX-License-Identifier: Apache-2.0
//
// Windows half of the group `paging`: NtQuerySystemInformation, SystemPerformanceInformation for the counters (32 bits
// each) and SystemPageFileInformation for the page files. Windows counts all faults together, and those that read from
// a disk: they are the major ones.
#include <windows.h>
#include <winternl.h>

#include <cstddef>
#include <vector>

#include "paging.hpp"
#include "rows.hpp"
#include "wide_text.hpp"

namespace picket::perf_collector {

namespace {

constexpr auto kPageFiles = static_cast<SYSTEM_INFORMATION_CLASS>(18);  // SystemPageFileInformation
constexpr std::size_t kRoomForPageFiles = 16'384;                       // Windows has at most 16

RowSpec fault_row(std::string_view type) {
  return {&kPagingFaults, {{{"system.paging.type", type}}}};
}

RowSpec operation_row(std::string_view direction) {
  return {&kPagingOperations, {{{"system.paging.direction", direction}, {"system.paging.type", "major"}}}};
}

class PagingGroup final : public Group {
 public:
  PagingGroup(const Choice& devices, const Vocabulary& vocabulary)
      : meter_(devices, vocabulary),
        major_(fault_row("major"), vocabulary),
        minor_(fault_row("minor"), vocabulary),
        in_(operation_row("in"), vocabulary),
        out_(operation_row("out"), vocabulary),
        counter_fault_(faults_.add("NtQuerySystemInformation(performance)")),
        file_fault_(faults_.add("NtQuerySystemInformation(page files)")) {
    SYSTEM_INFO system{};
    GetSystemInfo(&system);
    page_bytes_ = system.dwPageSize;
    room_.resize(kRoomForPageFiles / sizeof(SYSTEM_PAGEFILE_INFORMATION));
  }

  void collect(std::int64_t /*monotonic_ns*/, Samples& samples) override {
    collect_counters(samples);
    if (meter_.wanted()) collect_files(samples);
  }

 private:
  void collect_counters(Samples& samples) {
    SYSTEM_PERFORMANCE_INFORMATION counters{};
    const NTSTATUS status = NtQuerySystemInformation(SystemPerformanceInformation, &counters, sizeof counters, nullptr);
    if (status < 0) return faults_.bad(counter_fault_, "status " + std::to_string(status));
    faults_.good(counter_fault_);
    major_.add(counters.PageReadIos, samples);
    minor_.add(static_cast<std::uint32_t>(counters.PageFaults - counters.PageReadIos), samples);
    in_.add(counters.PageReadIos, samples);
    out_.add(counters.PagefilePageWriteIos, samples);
  }

  void collect_files(Samples& samples) {
    ULONG length = 0;
    const auto size = static_cast<ULONG>(room_.size() * sizeof room_[0]);
    const NTSTATUS status = NtQuerySystemInformation(kPageFiles, room_.data(), size, &length);
    if (status < 0) return faults_.bad(file_fault_, "status " + std::to_string(status));
    faults_.good(file_fault_);
    meter_.begin();
    const auto* bytes = reinterpret_cast<const std::byte*>(room_.data());
    for (std::size_t at = 0; at + sizeof(SYSTEM_PAGEFILE_INFORMATION) <= length;) {
      const auto* file = reinterpret_cast<const SYSTEM_PAGEFILE_INFORMATION*>(bytes + at);
      const std::string_view name = utf8_of(file->FileName.Buffer, file->FileName.Length / sizeof(wchar_t), name_);
      meter_.add(name, file->CurrentSize * page_bytes_, file->TotalUsed * page_bytes_, samples);
      if (file->NextEntryOffset == 0) break;
      at += file->NextEntryOffset;
    }
    meter_.end();
  }

  PagingMeter meter_;
  SampleRow major_, minor_, in_, out_;
  Faults::Slot counter_fault_, file_fault_;
  std::int64_t page_bytes_ = 4096;
  std::vector<SYSTEM_PAGEFILE_INFORMATION> room_;  // names come behind their records
  std::string name_;
};

}  // namespace

std::unique_ptr<Group> make_paging(const Choice& devices, const Machine& /*machine*/, const Vocabulary& vocabulary) {
  return std::make_unique<PagingGroup>(devices, vocabulary);
}

}  // namespace picket::perf_collector

// SPDX-License-Identifier: Apache-2.0
//
// Processes on Windows: one NtQuerySystemInformation(SystemProcessInformation) for all of them, which brings their
// threads, handles, page faults and I/O, too. Windows keeps no state of a process, so every one counts as running, and
// tells neither context switches by kind nor a proportional size. Times are in units of 100 ns.
#include <windows.h>
#include <winternl.h>
// after windows.h
#include <sddl.h>

#include <algorithm>

#include "process_source.hpp"

namespace picket::perf_collector {

namespace {

constexpr auto kStatusLengthMismatch = static_cast<NTSTATUS>(0xC0000004);
constexpr std::size_t kListLimit = std::size_t{64} << 20U;
constexpr std::size_t kCommandLimit = 4096;
constexpr auto kProcessCommandLine = static_cast<PROCESSINFOCLASS>(60);  // ProcessCommandLineInformation, Windows 8.1

// The start of one record of SystemProcessInformation on 64-bit Windows, as documented by Microsoft for its header
// winternl.h with the reserved times named.
struct ProcessRecord {
  std::uint32_t next_offset, threads;
  std::uint64_t private_resident;
  std::uint32_t hard_faults, threads_high_watermark;
  std::uint64_t cycles, create_time, user_time, kernel_time;
  UNICODE_STRING image_name;
  std::int32_t base_priority;
  std::uint32_t reserved;
  std::uintptr_t pid, parent_pid;
  std::uint32_t handles, session;
  std::uintptr_t unique_key, peak_virtual, virtual_size;
  std::uint32_t page_faults, reserved_2;
  std::uintptr_t peak_resident, resident;
  std::uintptr_t quotas[4];  // peak and present, of the paged and of the other pool
  std::uintptr_t page_file, peak_page_file, private_bytes;
  std::int64_t read_calls, write_calls, other_calls, read_bytes, written_bytes, other_bytes;
};
static_assert(offsetof(ProcessRecord, pid) == offsetof(SYSTEM_PROCESS_INFORMATION, UniqueProcessId));
static_assert(offsetof(ProcessRecord, resident) ==
              offsetof(SYSTEM_PROCESS_INFORMATION, VirtualMemoryCounters) + offsetof(VM_COUNTERS, WorkingSetSize));
static_assert(offsetof(ProcessRecord, read_calls) == offsetof(SYSTEM_PROCESS_INFORMATION, IoCounters));

constexpr DetailSet kGiven =
    kFreeDetails | detail_bit(kDetailIo) | detail_bit(kDetailShared) | detail_bit(kDetailFiles);

class Handle {
 public:
  explicit Handle(HANDLE handle) : handle_(handle) {}
  ~Handle() {
    if (handle_ != nullptr) CloseHandle(handle_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  HANDLE get() const { return handle_; }

 private:
  HANDLE handle_;
};

Handle open_process(std::int64_t pid) {
  return Handle(OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, static_cast<DWORD>(pid)));
}

// UTF-8 of `text` in `buffer`, cut at its end; how many bytes.
std::size_t to_utf8(const UNICODE_STRING& text, char* buffer, std::size_t size) {
  // At most three bytes for each unit, so that a cut never makes the conversion fail.
  const int units = static_cast<int>(std::min<std::size_t>(text.Length / sizeof(wchar_t), size / 3));
  if (units == 0) return 0;
  return static_cast<std::size_t>(
      WideCharToMultiByte(CP_UTF8, 0, text.Buffer, units, buffer, static_cast<int>(size), nullptr, nullptr));
}

std::string sid_text(PSID sid) {
  char* text = nullptr;
  if (ConvertSidToStringSidA(sid, &text) == 0) return {};
  std::string copy(text);
  LocalFree(text);
  return copy;
}

class NativeSource final : public ProcessSource {
 public:
  explicit NativeSource(Faults& faults)
      : faults_(faults), fault_(faults.add("NtQuerySystemInformation(processes)")), list_(std::size_t{1} << 18U) {}

  bool list(std::vector<std::int64_t>& pids) override {
    pids.clear();
    records_.clear();
    NTSTATUS status = query();
    while (status == kStatusLengthMismatch && list_.size() < kListLimit) {
      list_.resize(list_.size() * 2);
      status = query();
    }
    if (status < 0) {
      faults_.bad(fault_, "status " + std::to_string(status));
      return false;
    }
    faults_.good(fault_);
    for (std::size_t at = 0;;) {
      const auto* record = reinterpret_cast<const ProcessRecord*>(list_.data() + at);
      if (record->pid != 0) records_.push_back(record);  // 0 is the idle process: no process at all
      if (record->next_offset == 0) break;
      at += record->next_offset;
    }
    std::sort(records_.begin(), records_.end(),
              [](const ProcessRecord* a, const ProcessRecord* b) { return a->pid < b->pid; });
    for (const ProcessRecord* record : records_) pids.push_back(static_cast<std::int64_t>(record->pid));
    return true;
  }

  ReadResult read(std::int64_t pid, KeptFiles& /*files*/, ProcessStat& process) override {
    const auto found =
        std::lower_bound(records_.begin(), records_.end(), pid,
                         [](const ProcessRecord* a, std::int64_t b) { return static_cast<std::int64_t>(a->pid) < b; });
    if (found == records_.end() || static_cast<std::int64_t>((*found)->pid) != pid) return ReadResult::gone;
    fill(**found, process);
    return ReadResult::good;
  }

  // All that there is came with the record.
  void read_details(DetailSet wanted, KeptFiles& /*files*/, ProcessStat& process) override {
    process.refused = static_cast<DetailSet>(wanted & ~process.have);
  }

  void end(bool /*all*/) override {}
  void release(KeptFiles& /*files*/) override {}
  DetailSet supported() const override { return kGiven; }

  double age_seconds(std::uint64_t start) const override {
    FILETIME now{};
    GetSystemTimeAsFileTime(&now);
    const std::uint64_t ticks = (std::uint64_t{now.dwHighDateTime} << 32U) | now.dwLowDateTime;
    return ticks > start ? static_cast<double>(ticks - start) * 1e-7 : 0;
  }

  std::string_view command_line(std::int64_t pid) override {
    const Handle process = open_process(pid);
    alignas(UNICODE_STRING) std::array<char, 65'536 + 256> answer;
    ULONG length = 0;
    if (process.get() == nullptr || NtQueryInformationProcess(process.get(), kProcessCommandLine, answer.data(),
                                                              static_cast<ULONG>(answer.size()), &length) < 0) {
      return {};
    }
    const auto* text = reinterpret_cast<const UNICODE_STRING*>(answer.data());
    return {command_.data(), to_utf8(*text, command_.data(), command_.size())};
  }

  std::string_view program(std::int64_t pid) override {
    const Handle process = open_process(pid);
    std::array<wchar_t, kCommandLimit / 3> wide;
    DWORD length = wide.size();
    if (process.get() == nullptr || QueryFullProcessImageNameW(process.get(), 0, wide.data(), &length) == 0) return {};
    const UNICODE_STRING text{static_cast<USHORT>(length * sizeof(wchar_t)), static_cast<USHORT>(sizeof wide),
                              wide.data()};
    const std::size_t size = to_utf8(text, command_.data(), command_.size());
    std::replace(command_.data(), command_.data() + size, '\\', '/');
    return {command_.data(), size};
  }

  std::string_view cgroup(std::int64_t /*pid*/) override { return {}; }

  std::string owner(std::int64_t pid) override {
    const Handle process = open_process(pid);
    HANDLE opened = nullptr;
    if (process.get() == nullptr || OpenProcessToken(process.get(), TOKEN_QUERY, &opened) == 0) return {};
    const Handle token(opened);
    alignas(TOKEN_USER) std::array<char, sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE> user;
    DWORD length = 0;
    if (GetTokenInformation(token.get(), TokenUser, user.data(), static_cast<DWORD>(user.size()), &length) == 0) {
      return {};
    }
    return sid_text(reinterpret_cast<const TOKEN_USER*>(user.data())->User.Sid);
  }

  Result<std::string> owner_key(const std::string& user) override {
    if (user.starts_with("S-1-")) return user;
    std::array<char, SECURITY_MAX_SID_SIZE> sid;
    std::array<wchar_t, 256> name{}, domain;
    DWORD sid_size = sid.size();
    DWORD domain_size = domain.size();
    SID_NAME_USE use{};
    MultiByteToWideChar(CP_UTF8, 0, user.c_str(), -1, name.data(), static_cast<int>(name.size()) - 1);
    if (LookupAccountNameW(nullptr, name.data(), sid.data(), &sid_size, domain.data(), &domain_size, &use) != 0) {
      return sid_text(sid.data());
    }
    return Error{"there is no user \"" + user + "\" (error " + std::to_string(GetLastError()) +
                     "); give a name that this machine knows, or a SID",
                 PICKET_INVALID};
  }

 private:
  NTSTATUS query() {
    ULONG length = 0;
    return NtQuerySystemInformation(SystemProcessInformation, list_.data(), static_cast<ULONG>(list_.size()), &length);
  }

  static void fill(const ProcessRecord& record, ProcessStat& process) {
    process.pid = static_cast<std::int64_t>(record.pid);
    process.start = record.create_time;
    process.counters[kUserTime] = record.user_time;
    process.counters[kSystemTime] = record.kernel_time;
    // Windows counts them together; those that had to wait for storage are known apart.
    process.counters[kMajorFaults] = record.hard_faults;
    process.counters[kMinorFaults] = record.page_faults - std::min(record.page_faults, record.hard_faults);
    process.counters[kReadBytes] = static_cast<std::uint64_t>(record.read_bytes);
    process.counters[kWrittenBytes] = static_cast<std::uint64_t>(record.written_bytes);
    process.counters[kReadCalls] = static_cast<std::uint64_t>(record.read_calls);
    process.counters[kWriteCalls] = static_cast<std::uint64_t>(record.write_calls);
    process.gauges[kResidentBytes] = static_cast<std::int64_t>(record.resident);
    process.gauges[kVirtualBytes] = static_cast<std::int64_t>(record.virtual_size);
    process.gauges[kSharedBytes] =
        static_cast<std::int64_t>(record.resident - std::min<std::uint64_t>(record.resident, record.private_resident));
    process.gauges[kThreadCount] = record.threads;
    process.gauges[kOpenFiles] = record.handles;
    process.have = kGiven;
    process.state = kRunning;
    process.name_length =
        static_cast<std::uint8_t>(to_utf8(record.image_name, process.name_bytes.data(), process.name_bytes.size()));
  }

  Faults& faults_;
  Faults::Slot fault_;
  std::vector<char> list_;
  std::vector<const ProcessRecord*> records_;  // into list_, ascending pids
  std::array<char, kCommandLimit> command_{};
};

}  // namespace

std::unique_ptr<ProcessSource> make_process_source(const Machine& /*machine*/, Faults& faults) {
  return std::make_unique<NativeSource>(faults);
}

}  // namespace picket::perf_collector

// SPDX-License-Identifier: Apache-2.0
//
// Windows half of the group `disks`: IOCTL_DISK_PERFORMANCE of \\.\PhysicalDrive0 to 63, whose handles stay open; new
// drives are looked for once a minute. Windows counts neither merged operations nor weighted time, and its time without
// work has no beginning: the busy time counts from when the drive was found.
#include <windows.h>
// after windows.h
#include <winioctl.h>

#include <memory>
#include <stdexcept>
#include <vector>

#include "disks.hpp"
#include "items.hpp"

namespace picket::perf_collector {

namespace {

constexpr unsigned kMostDrives = 64;
constexpr std::int64_t kLookForDrives = 60'000'000'000;  // ns
constexpr std::int64_t kUnitsOfMs = 10'000;              // of 100 ns

struct Drive {
  Drive(unsigned number_, HANDLE handle_) : number(number_), handle(handle_), name("PhysicalDrive") {
    name += std::to_string(number);
  }
  ~Drive() { CloseHandle(handle); }
  Drive(const Drive&) = delete;
  Drive& operator=(const Drive&) = delete;

  unsigned number;
  HANDLE handle;
  std::string name;
  std::int64_t first_busy = -1;  // units of 100 ns; -1: not read yet
};

class DisksGroup final : public Group {
 public:
  DisksGroup(const DisksSettings& settings, const Vocabulary& vocabulary)
      : meter_(vocabulary, false),
        devices_(settings.devices, kMostDrives),
        fault_(faults_.add("IOCTL_DISK_PERFORMANCE")) {}

  void collect(std::int64_t monotonic_ns, Samples& samples) override {
    if (!looked_ || monotonic_ns - looked_ns_ >= kLookForDrives) look(monotonic_ns);
    bool good = true;
    devices_.begin();
    std::erase_if(drives_, [&](const std::unique_ptr<Drive>& drive) {
      DWORD got = 0;
      DISK_PERFORMANCE counters{};
      if (DeviceIoControl(drive->handle, IOCTL_DISK_PERFORMANCE, nullptr, 0, &counters, sizeof counters, &got,
                          nullptr) != 0) {
        if (devices_.wants(drive->name)) meter_.add(drive->name, reading_of(*drive, counters), samples);
        return false;
      }
      const DWORD error = GetLastError();
      if (error == ERROR_INVALID_FUNCTION || error == ERROR_NOT_SUPPORTED) return false;  // it keeps no counters
      const bool gone =
          error == ERROR_DEV_NOT_EXIST || error == ERROR_DEVICE_NOT_CONNECTED || error == ERROR_FILE_NOT_FOUND;
      if (!gone) {
        faults_.bad(fault_, drive->name + ": error " + std::to_string(error));
        good = false;
      }
      return gone;
    });
    devices_.end();
    if (good) faults_.good(fault_);
  }

 private:
  void look(std::int64_t monotonic_ns) {
    looked_ = true;
    looked_ns_ = monotonic_ns;
    for (unsigned number = 0; number < kMostDrives; ++number) {
      bool known = false;
      for (const auto& drive : drives_) known = known || drive->number == number;
      if (known) continue;
      // Without any right to its content, which needs no privilege.
      const std::wstring path = L"\\\\.\\PhysicalDrive" + std::to_wstring(number);
      const HANDLE handle =
          CreateFileW(path.c_str(), 0, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, OPEN_EXISTING, 0, nullptr);
      if (handle != INVALID_HANDLE_VALUE) drives_.push_back(std::make_unique<Drive>(number, handle));
    }
  }

  static DiskReading reading_of(Drive& drive, const DISK_PERFORMANCE& counters) {
    const auto milliseconds = [](const LARGE_INTEGER& time) {
      return static_cast<std::uint64_t>(time.QuadPart / kUnitsOfMs);
    };
    const auto number = [](const LARGE_INTEGER& value) { return static_cast<std::uint64_t>(value.QuadPart); };
    const std::int64_t busy = counters.QueryTime.QuadPart - counters.IdleTime.QuadPart;
    if (drive.first_busy < 0) drive.first_busy = busy;
    DiskReading reading;
    reading.read = {counters.ReadCount, 0, number(counters.BytesRead), milliseconds(counters.ReadTime)};
    reading.write = {counters.WriteCount, 0, number(counters.BytesWritten), milliseconds(counters.WriteTime)};
    reading.pending = counters.QueueDepth;
    reading.busy_ms = busy > drive.first_busy ? static_cast<std::uint64_t>((busy - drive.first_busy) / kUnitsOfMs) : 0;
    return reading;
  }

  DiskMeter meter_;
  Items devices_;
  Faults::Slot fault_;
  std::vector<std::unique_ptr<Drive>> drives_;
  bool looked_ = false;
  std::int64_t looked_ns_ = 0;
};

}  // namespace

std::unique_ptr<Group> make_disks(const DisksSettings& settings, const Machine& /*machine*/,
                                  const Vocabulary& vocabulary) {
  if (settings.partitions) {
    throw std::runtime_error("groups.disks.partitions: Windows counts whole disks only; remove the setting");
  }
  return std::make_unique<DisksGroup>(settings, vocabulary);
}

}  // namespace picket::perf_collector

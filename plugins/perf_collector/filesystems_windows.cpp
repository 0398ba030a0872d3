// SPDX-License-Identifier: Apache-2.0
//
// Windows half of the group `filesystems`: the volumes of fixed drives that have a path (FindFirstVolume), and
// GetDiskFreeSpaceEx of each. Drives of the network are not among them, so none of them can hang. What a quota keeps
// from this user counts as reserved. There are no inodes.
#include <windows.h>

#include <array>

#include "filesystems.hpp"
#include "wide_text.hpp"

namespace picket::perf_collector {

namespace {

class FilesystemsGroup final : public Group {
 public:
  FilesystemsGroup(const FilesystemsSettings& settings, const Vocabulary& vocabulary)
      : settings_(settings),
        meter_(vocabulary),
        list_fault_(faults_.add("FindFirstVolume")),
        room_fault_(faults_.add("GetDiskFreeSpaceEx")) {}

  void collect(std::int64_t /*monotonic_ns*/, Samples& samples) override {
    std::array<wchar_t, MAX_PATH + 1> volume{};
    const HANDLE list = FindFirstVolumeW(volume.data(), static_cast<DWORD>(volume.size()));
    if (list == INVALID_HANDLE_VALUE) {
      return faults_.bad(list_fault_, "error " + std::to_string(GetLastError()));
    }
    faults_.good(list_fault_);
    bool good = true;
    do {
      good = collect_volume(volume.data(), samples) && good;
    } while (FindNextVolumeW(list, volume.data(), static_cast<DWORD>(volume.size())) != 0);
    FindVolumeClose(list);
    if (good) faults_.good(room_fault_);
  }

 private:
  // True unless it should have worked: a volume without a path, a medium or a filesystem is none of ours. Not every
  // Windows tells the type of a drive by the name of its volume, so the path is asked for it.
  bool collect_volume(const wchar_t* volume, Samples& samples) {
    std::array<wchar_t, 1024> paths{};  // each ends with a zero; the first one is enough
    DWORD length = 0;
    if (GetVolumePathNamesForVolumeNameW(volume, paths.data(), static_cast<DWORD>(paths.size()), &length) == 0 ||
        paths[0] == 0 || GetDriveTypeW(paths.data()) != DRIVE_FIXED) {
      return true;
    }
    std::array<wchar_t, MAX_PATH + 1> type{};
    DWORD flags = 0;
    if (GetVolumeInformationW(volume, nullptr, 0, nullptr, nullptr, &flags, type.data(),
                              static_cast<DWORD>(type.size())) == 0) {
      return true;
    }
    FilesystemNames names;
    names.device = utf8_of(volume, wcslen(volume), device_);
    names.mount_point = utf8_of(paths.data(), wcslen(paths.data()), mount_point_);
    names.type = utf8_of(type.data(), wcslen(type.data()), type_);
    names.read_only = (flags & FILE_READ_ONLY_VOLUME) != 0;
    if (!settings_.mount_points.wants(names.mount_point) || !settings_.types.wants(names.type)) return true;
    ULARGE_INTEGER available{}, total{}, free{};
    if (GetDiskFreeSpaceExW(volume, &available, &total, &free) == 0) {
      faults_.bad(room_fault_, mount_point_ + ": error " + std::to_string(GetLastError()));
      return false;
    }
    const auto bytes = [](const ULARGE_INTEGER& value) { return static_cast<std::int64_t>(value.QuadPart); };
    meter_.add(names, {bytes(total), bytes(free), bytes(available), 0, 0}, samples);
    return true;
  }

  FilesystemsSettings settings_;
  FilesystemMeter meter_;
  Faults::Slot list_fault_, room_fault_;
  std::string device_, mount_point_, type_;
};

}  // namespace

std::unique_ptr<Group> make_filesystems(const FilesystemsSettings& settings, const Machine& /*machine*/,
                                        const Vocabulary& vocabulary) {
  return std::make_unique<FilesystemsGroup>(settings, vocabulary);
}

}  // namespace picket::perf_collector

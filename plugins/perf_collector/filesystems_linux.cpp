// SPDX-License-Identifier: Apache-2.0
//
// Linux half of the group `filesystems`: /proc/self/mountinfo, read again only when the kernel says that it changed,
// and statvfs(3) of each mount. Filesystems of the network are left out by default, since statvfs of one whose server
// is gone does not return (mount_table.hpp has the rest of that rule).
#include <sys/statvfs.h>

#include <cerrno>

#include "filesystems.hpp"
#include "items.hpp"
#include "mount_table.hpp"
#include "proc_file.hpp"

namespace picket::perf_collector {

namespace {

class FilesystemsGroup final : public Group {
 public:
  FilesystemsGroup(const FilesystemsSettings& settings, const Machine& machine, const Vocabulary& vocabulary)
      : settings_(settings),
        meter_(vocabulary),
        file_(machine.proc + "/self/mountinfo"),
        file_fault_(faults_.add(file_.path())),
        line_fault_(faults_.add(file_.path() + ": mounts")),
        room_fault_(faults_.add("statvfs")) {}

  void collect(std::int64_t /*monotonic_ns*/, Samples& samples) override {
    if (!follow_mounts()) return;
    bool good = true;
    for (const Mount& mount : mounts_) {
      struct statvfs room {};
      if (::statvfs(mount.mount_point.c_str(), &room) != 0) {
        faults_.bad(room_fault_, mount.mount_point + ": " + reason(errno));
        good = false;
        continue;
      }
      meter_.add({mount.device, mount.mount_point, mount.type, mount.read_only}, reading_of(room), samples);
    }
    if (good) faults_.good(room_fault_);
  }

 private:
  // False: the list of mounts cannot be read.
  bool follow_mounts() {
    if (!file_.changed()) return true;
    const auto text = file_.read();
    if (!text) {
      faults_.bad(file_fault_, file_.error());
      return false;
    }
    faults_.good(file_fault_);
    if (*text == text_) return true;
    text_ = *text;
    std::size_t malformed = 0;
    mounts_ = choose_mounts(parse_mounts(text_, malformed), settings_);
    const bool too_many = mounts_.size() > Items::kMost;
    if (too_many) mounts_.resize(Items::kMost);
    if (malformed > 0) faults_.bad(line_fault_, "a line is malformed");
    if (too_many) faults_.bad(line_fault_, "more than 1000 filesystems: choose some with include");
    if (malformed == 0 && !too_many) faults_.good(line_fault_);
    return true;
  }

  static FilesystemReading reading_of(const struct statvfs& room) {
    const auto bytes = [&room](fsblkcnt_t blocks) { return static_cast<std::int64_t>(blocks * room.f_frsize); };
    return {bytes(room.f_blocks), bytes(room.f_bfree), bytes(room.f_bavail), static_cast<std::int64_t>(room.f_files),
            static_cast<std::int64_t>(room.f_ffree)};
  }

  FilesystemsSettings settings_;
  FilesystemMeter meter_;
  ProcFile file_;
  Faults::Slot file_fault_, line_fault_, room_fault_;
  std::string text_;  // of which mounts_ are made
  std::vector<Mount> mounts_;
};

}  // namespace

std::unique_ptr<Group> make_filesystems(const FilesystemsSettings& settings, const Machine& machine,
                                        const Vocabulary& vocabulary) {
  return std::make_unique<FilesystemsGroup>(settings, machine, vocabulary);
}

}  // namespace picket::perf_collector

// SPDX-License-Identifier: Apache-2.0
//
// The group `filesystems`: room and inodes of each mounted filesystem. FilesystemMeter, common to both operating
// systems, turns readings into samples.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "choice.hpp"
#include "group.hpp"

namespace picket::perf_collector {

inline constexpr Metric kFilesystemUsage{"system.filesystem.usage", "By", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                         "Room of each filesystem by state; reserved is what only root may still use."};
inline constexpr Metric kFilesystemUtilization{"system.filesystem.utilization", "1", PICKET_INSTRUMENT_GAUGE, 4,
                                               "Share of each filesystem in each state."};
inline constexpr Metric kFilesystemLimit{"system.filesystem.limit", "By", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                         "Size of each filesystem."};
inline constexpr Metric kFilesystemInodes{"system.filesystem.inodes.usage", "{inode}", PICKET_INSTRUMENT_UPDOWNCOUNTER,
                                          0, "Inodes of each filesystem by state."};

// Filesystems whose answer may never come, because it is another machine's or another program's to give.
inline constexpr std::string_view kNetworkTypes[] = {"9p",    "afs",  "beegfs", "ceph",    "cifs",      "coda",
                                                     "davfs", "fuse", "fuse.*", "fuseblk", "glusterfs", "lustre",
                                                     "ncpfs", "nfs",  "nfs4",   "ocfs2",   "orangefs",  "prl_fs",
                                                     "pvfs2", "smb3", "smbfs",  "vboxsf",  "virtiofs",  "vmhgfs"};
// Filesystems that keep nothing, or nothing that fills up.
inline constexpr std::string_view kPseudoTypes[] = {
    "autofs",   "binfmt_misc", "bpf",        "cgroup",     "cgroup2",   "configfs", "debugfs", "devpts",
    "devtmpfs", "efivarfs",    "fusectl",    "hugetlbfs",  "iso9660",   "mqueue",   "nsfs",    "proc",
    "pstore",   "ramfs",       "rpc_pipefs", "securityfs", "selinuxfs", "squashfs", "sysfs",   "tracefs"};
// Mount points that are kept out by default: what other programs mount by the dozen.
inline constexpr std::string_view kMountPointsExcluded[] = {"/proc/*",
                                                            "/sys/*",
                                                            "/run/credentials/*",
                                                            "/run/docker/*",
                                                            "/run/user/*",
                                                            "/run/netns/*",
                                                            "/snap/*",
                                                            "/var/lib/docker/*",
                                                            "/var/lib/containers/*",
                                                            "/var/lib/containerd/*",
                                                            "/run/containerd/*",
                                                            "/var/lib/kubelet/*"};

// kNetworkTypes and kPseudoTypes.
std::vector<std::string> default_excluded_types();

struct FilesystemsSettings {
  Choice mount_points;
  Choice types;

  bool operator==(const FilesystemsSettings&) const = default;
};

// What tells one filesystem from another.
struct FilesystemNames {
  std::string_view device, mount_point, type;
  bool read_only = false;
};

// Bytes and inodes of one filesystem. `available` is what is free for everybody, `free` for root.
struct FilesystemReading {
  std::int64_t total = 0, free = 0, available = 0;
  std::int64_t inodes = 0, inodes_free = 0;  // 0 inodes: it has no table of them
};

class FilesystemMeter {
 public:
  explicit FilesystemMeter(const Vocabulary& vocabulary);

  void add(const FilesystemNames& names, const FilesystemReading& reading, Samples& samples) const;

 private:
  void set_names(const FilesystemNames& names, picket_name state, Samples& samples) const;

  picket_name usage_, utilization_, limit_, inodes_;
  picket_name device_key_, mount_point_key_, type_key_, mode_key_, state_key_;
  picket_name used_, free_, reserved_, read_only_, read_write_;
};

std::unique_ptr<Group> make_filesystems(const FilesystemsSettings& settings, const Machine& machine,
                                        const Vocabulary& vocabulary);

}  // namespace picket::perf_collector

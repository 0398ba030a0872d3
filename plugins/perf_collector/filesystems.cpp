// SPDX-License-Identifier: Apache-2.0
//
// See filesystems.hpp.
#include "filesystems.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace picket::perf_collector {

std::vector<std::string> default_excluded_types() {
  std::vector<std::string> types(std::begin(kPseudoTypes), std::end(kPseudoTypes));
  types.insert(types.end(), std::begin(kNetworkTypes), std::end(kNetworkTypes));
  return types;
}

FilesystemMeter::FilesystemMeter(const Vocabulary& vocabulary)
    : usage_(vocabulary.metric(kFilesystemUsage)),
      utilization_(vocabulary.metric(kFilesystemUtilization)),
      limit_(vocabulary.metric(kFilesystemLimit)),
      inodes_(vocabulary.metric(kFilesystemInodes)),
      device_key_(vocabulary.name("system.device")),
      mount_point_key_(vocabulary.name("system.filesystem.mountpoint")),
      type_key_(vocabulary.name("system.filesystem.type")),
      mode_key_(vocabulary.name("system.filesystem.mode")),
      state_key_(vocabulary.name("system.filesystem.state")),
      used_(vocabulary.name("used")),
      free_(vocabulary.name("free")),
      reserved_(vocabulary.name("reserved")),
      read_only_(vocabulary.name("ro")),
      read_write_(vocabulary.name("rw")) {}

void FilesystemMeter::set_names(const FilesystemNames& names, picket_name state, Samples& samples) const {
  samples.set_text(device_key_, names.device)
      .set_text(mount_point_key_, names.mount_point)
      .set_text(type_key_, names.type)
      .set(mode_key_, names.read_only ? read_only_ : read_write_);
  if (state != 0) samples.set(state_key_, state);
}

void FilesystemMeter::add(const FilesystemNames& names, const FilesystemReading& reading, Samples& samples) const {
  const std::int64_t used = std::max<std::int64_t>(0, reading.total - reading.free);
  const std::int64_t reserved = std::max<std::int64_t>(0, reading.free - reading.available);
  for (const auto& [state, bytes] :
       {std::pair{used_, used}, std::pair{free_, reading.available}, std::pair{reserved_, reserved}}) {
    set_names(names, state, samples.add(usage_, bytes));
    if (reading.total <= 0) continue;
    const double share = static_cast<double>(bytes) / static_cast<double>(reading.total);
    set_names(names, state, samples.add(utilization_, share));
  }
  set_names(names, 0, samples.add(limit_, reading.total));
  if (reading.inodes <= 0) return;
  set_names(names, used_, samples.add(inodes_, std::max<std::int64_t>(0, reading.inodes - reading.inodes_free)));
  set_names(names, free_, samples.add(inodes_, reading.inodes_free));
}

}  // namespace picket::perf_collector

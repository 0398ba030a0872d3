// SPDX-License-Identifier: Apache-2.0
//
// What is kept on disk of each program, for a holder that comes after one that died: one small file, written before the
// program runs. It is no more than a hint: a process is ours only if its pid, start time and boot are those of the
// file, and a control group only if its path is the one that we would have given.
//
//   8 bytes "PKPROC1\n" | u64 pid | u64 start time | frames of wire.hpp: Found, then Exited and Emptied as they come
//
// pid and start time are written by the child itself, before exec. Any thread; no state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "process/model.hpp"

namespace picket::process {

inline constexpr std::int64_t kRecordPidOffset = 8;
inline constexpr std::uint64_t kMaxRecord = 1U << 20U;

struct Record {
  Found program;  // `leader` with the pid and the start time of the file; pid 0: it never ran
  std::optional<Exited> exit;
  std::optional<Emptied> end;
};

std::string record_path(const std::string& directory, ProgramId id);

// The bytes of a new file.
std::string encode_record(const Found& program);
// Nothing when they are no record of ours.
std::optional<Record> decode_record(std::string_view bytes);

// A descriptor to the new file, or -1 with errno.
int create_record(const std::string& directory, const Found& program);
// Appends what became of it. 0, or errno.
int append_record(const std::string& directory, ProgramId id, const Report& report);
// Replaces the file's description (a new blob, a new leader), keeping what came after. 0, or errno.
int rewrite_record(const std::string& directory, const Record& record);
void remove_record(const std::string& directory, ProgramId id);
// All that can be read. What cannot is removed, and its name added to `damaged`.
std::vector<Record> read_records(const std::string& directory, std::vector<std::string>& damaged);

}  // namespace picket::process

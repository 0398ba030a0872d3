// SPDX-License-Identifier: Apache-2.0
//
// The files of the flight recorder, below state_dir/recorder: `record-TIME-N.jsonl` of those that somebody asked for,
// `crash-TIME-PID.pktrec` of crashes (../routing/recorder/FORMAT.md). Only the newest are kept. One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "picket/result.hpp"
#include "routing/names.hpp"
#include "routing/recorder/recorder.hpp"

namespace picket::service {

std::filesystem::path recorder_directory(const std::filesystem::path& state_root);

struct RecordFile {
  std::string path;
  std::uint64_t events = 0;
  std::uint64_t lines = 0;  // with log lines and decisions
};

// Writes what `recorder` holds as JSON lines, a new file each time, and lets the oldest ones go. `wall_ns` is in its
// name. The error says what to do about it.
Result<RecordFile> write_record_file(routing::Recorder& recorder, const routing::Names& names,
                                     const std::filesystem::path& directory, std::uint32_t keep,
                                     const std::string& reason, std::int64_t wall_ns);

// Removes all but the newest `keep` files of the recorder. What is no file of its own is left alone.
void prune_record_files(const std::filesystem::path& directory, std::uint32_t keep);

}  // namespace picket::service

// SPDX-License-Identifier: Apache-2.0
//
// What a recorder held, outside of it: as the file that a crash leaves (FORMAT.md), and as lines of JSON.
//
// Writing is for a signal handler: it allocates nothing, takes no lock for ever and calls nothing but `CrashOutput`.
// Reading trusts nothing: such a file may be cut, or written by a process whose memory was damaged.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "picket/result.hpp"
#include "routing/names.hpp"
#include "routing/recorder/recorder.hpp"

namespace picket::routing {

// Why the process ended, for the head of the file.
struct CrashReason {
  std::int64_t wall_ns = 0;
  std::uint64_t address = 0;  // that could not be accessed; 0: not known
  std::uint32_t process = 0;
  std::uint32_t thread = 0;
  std::uint32_t signal = 0;  // on Windows the exception's code
  std::uint32_t code = 0;    // siginfo_t.si_code
};

// Where the bytes go. False: they could not be written; the rest is tried all the same.
struct CrashOutput {
  bool (*write)(void* context, const void* data, std::size_t length) = nullptr;
  void* context = nullptr;
};

// Writes everything, with the newest batches first, should it not come to the end. From then on nothing is recorded.
// Async-signal-safe; while another thread holds the recorder's lock it waits for a moment, then goes on without.
void write_crash_record(Recorder& recorder, const Names& names, const CrashReason& reason, const CrashOutput& output);

struct Recording {
  CrashReason reason;
  Names names;  // all ids in `contents` are its
  Recorder::Contents contents;
  // What is wrong with the file, one sentence each; what is whole before and after is there.
  std::vector<std::string> problems;
};

inline constexpr std::uint64_t kMaxRecordingFile = 4ULL << 30U;  // bytes

// Fails when `bytes` do not begin as such a file does.
Result<std::unique_ptr<Recording>> read_crash_record(std::string_view bytes);

// How many of each there are.
struct LineCounts {
  std::uint64_t events = 0;
  std::uint64_t lines = 0;  // of all kinds
};

// All of it as JSON lines, without line breaks, in the order in which it was recorded. Events are as event_json.hpp
// writes them; all other lines have the key "record": "log" with the record's own keys, or "decision".
LineCounts recording_lines(const Recorder::Contents& contents, const Names& names,
                           const std::function<void(std::string_view line)>& out);

// The first line of a file: {"record": "recorder", "time": ..., "reason": ..., ...}.
std::string recording_head(std::int64_t wall_ns, std::string_view reason, const Recorder::Contents& contents);
std::string recording_head(const CrashReason& reason, const Recorder::Contents& contents);

}  // namespace picket::routing

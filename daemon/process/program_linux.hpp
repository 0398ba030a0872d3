// SPDX-License-Identifier: Apache-2.0
//
// What the holder knows of one program. Plain data; the holder's thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "picket/ext/process.h"
#include "process/backlog_linux.hpp"
#include "process/channel_linux.hpp"
#include "process/model.hpp"
#include "process/rotating_file_linux.hpp"

namespace picket::process {

struct ProgramStream {
  Descriptor pipe;  // our end, to read from
  bool captured = false;
  bool is_copied = false;     // the daemon has the pipe too
  bool ended = false;         // no writer is left
  bool end_reported = false;  // after the last of its output
  bool write_failed = false;  // the last write to the file; reported once
  std::shared_ptr<RotatingFile> file;
  std::uint64_t lost = 0;  // bytes that the file did not take, and that nobody was told of yet
  int lost_error = 0;      // why
  std::string lost_from;   // the file's path; it outlives the file, for a daemon that comes later
  std::uint64_t read = 0;  // bytes, of a stream that is not captured
  Backlog backlog;
};

struct Program {
  Found facts;  // id, instance, key, blob, state, leader, ...
  bool foreign = false;
  bool attached = false;  // its instance listens
  bool is_child = true;   // of this holder: we collect its status
  ProgramStream streams[2];
  Descriptor notify;      // the socket of its messages
  std::int64_t user = 0;  // who may send them
  std::string group;      // the directory of its control group; empty: none
  Descriptor group_events;
  Descriptor pidfd;  // of a leader that is no child of ours
  std::string mark;
  std::map<pid_t, std::uint64_t> known;  // members, without a control group
  Limits limits;

  // Ending.
  bool ending = false, killing = false, stragglers_told = false;
  std::int64_t end_due_ns = 0;                         // kill then
  std::int64_t look_due_ns = 0, look_interval_ns = 0;  // look again then whether anything is left; 0: no need
  std::uint32_t killed = 0, adopted = 0;
  std::optional<Exited> exit;
  std::optional<Emptied> end;

  bool running() const { return facts.state == PICKET_PROGRAM_RUNNING; }
  bool empty() const { return facts.state == PICKET_PROGRAM_EMPTY; }
};

}  // namespace picket::process

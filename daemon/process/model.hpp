// SPDX-License-Identifier: Apache-2.0
//
// What the daemon and the holder say to each other: orders go to the holder, reports come back. Plain values that own
// their texts; wire.hpp turns them into bytes. The meaning of each is that of its twin in picket/ext/process.h.
//
// A member, and an alternative of Order or Report, is only ever appended: a daemon may meet a holder that an older one
// has started.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace picket::process {

using ProgramId = std::uint64_t;  // given by the daemon, above all that its holder has known; 0: none

inline constexpr std::uint32_t kProtocolVersion = 1;

// Which process, for ever.
struct Identity {
  std::int64_t pid = 0;
  std::uint64_t start_time = 0;  // clock ticks since the boot
  std::array<std::uint8_t, 16> boot_id{};

  bool operator==(const Identity&) const = default;
};

struct Member {
  std::int64_t pid = 0;
  std::string name;
};

// --- orders ----------------------------------------------------------------------------------------------------------

struct StreamSpec {
  std::uint32_t flags = 0;  // PICKET_OUTPUT_...
  std::string file;
  std::uint64_t rotate_bytes = 0;
  std::int64_t rotate_age_ns = 0;
  std::uint32_t rotate_keep = 0;
  std::uint64_t backlog_memory = 0, backlog_disk = 0;  // 0: the defaults
};

struct Limits {
  std::int64_t memory_max = 0, memory_high = 0, swap_max = -1, cpu_milli = 0, cpu_weight = 0, tasks_max = 0;

  bool operator==(const Limits&) const = default;
};

struct Tuning {
  std::uint32_t flags = 0;  // PICKET_TUNE_...
  std::int32_t nice = 0;
  std::uint32_t io_class = 0, io_level = 0;
  std::int32_t oom_score = 0;
  std::vector<std::uint32_t> cpus;
};

struct Rlimit {
  std::string name;
  std::uint64_t soft = 0, hard = 0;
};

struct Hello {
  std::uint32_t version = kProtocolVersion;
};
// From now on this instance hears of its programs; first what there is (Found, then Listed).
struct Attach {
  std::string instance;
};
struct Detach {
  std::string instance;
};
// The listening sockets travel beside it, in the order of `socket_names`.
struct Start {
  ProgramId id = 0;
  std::string instance, key, blob;
  std::uint32_t flags = 0;  // PICKET_PROGRAM_...
  std::vector<std::string> arguments, environment;
  std::string directory;
  std::int64_t uid = -1, gid = -1;  // -1: the holder's
  std::vector<std::uint32_t> groups;
  std::int32_t umask = 0022;
  std::vector<Rlimit> rlimits;
  std::vector<std::string> socket_names;
  Tuning tuning;
  Limits limits;
  StreamSpec output, error_output;
};
struct Signal {
  ProgramId id = 0;
  std::int32_t signal = 0;
  std::uint32_t flags = 0;  // PICKET_SIGNAL_TREE
};
struct End {
  ProgramId id = 0;
  std::int32_t signal = 0;
  std::uint32_t flags = 0;
  std::int64_t timeout_ns = 0;
};
struct Limit {
  ProgramId id = 0;
  Limits limits;
};
struct Tune {
  ProgramId id = 0;
  Tuning tuning;
};
struct SetMain {
  ProgramId id = 0;
  std::int64_t pid = 0;
};
struct SetBlob {
  ProgramId id = 0;
  std::string blob;
};
struct Acknowledge {
  ProgramId id = 0;
  std::uint32_t stream = 0;
  std::uint64_t offset = 0;
};
struct Rotate {
  ProgramId id = 0;
};
struct Forget {
  ProgramId id = 0;
};
struct Measure {
  ProgramId id = 0;
};
// A process that was not started here; gone with the connection.
struct Watch {
  ProgramId id = 0;
  std::string instance;
  Identity process;
};
// A new holder goes on with a stream of a program whose own one has died: the daemon has kept the end of the pipe,
// which travels beside it.
struct TakeStream {
  ProgramId id = 0;
  StreamSpec spec;
  std::uint32_t stream = 0;
  std::uint64_t offset = 0;
};

using Order = std::variant<Hello, Attach, Detach, Start, Signal, End, Limit, Tune, SetMain, SetBlob, Acknowledge,
                           Rotate, Forget, Measure, Watch, TakeStream>;

// --- reports ---------------------------------------------------------------------------------------------------------

struct Welcome {
  std::uint32_t version = kProtocolVersion;
  Identity holder;
  std::uint32_t ability = 0;  // PICKET_ABLE_...
  std::string risk;
  ProgramId next_id = 1;
};
struct Found {
  ProgramId id = 0;
  std::string instance, key, blob;
  std::uint32_t state = 0;  // PICKET_PROGRAM_RUNNING, ...
  Identity leader;
  std::int64_t started_ns = 0, started_wall_ns = 0;
  std::array<std::uint64_t, 2> acknowledged{};
  std::uint32_t flags = 0;  // PICKET_PROGRAM_ORPHAN
  StreamSpec output, error_output;
};
struct Listed {
  std::string instance;
};
// The ends of the pipes of its streams travel beside it, as many as `pipes` has bits.
struct Started {
  ProgramId id = 0;
  Identity leader;
  std::uint32_t pipes = 0;  // bit 0: stdout, bit 1: stderr
};
struct Failed {
  ProgramId id = 0;
  bool of_start = false;  // else of a request
  std::string step;
  std::int32_t system_error = 0;
  std::string message;
};
struct Output {
  ProgramId id = 0;
  std::uint32_t stream = 0, flags = 0;  // PICKET_OUTPUT_GAP, ...
  std::uint64_t offset = 0, dropped = 0;
  std::int64_t time_ns = 0;
  std::string data;
};
struct Notified {
  ProgramId id = 0;
  std::int64_t sender = 0;
  std::string message;
};
struct Exited {
  ProgramId id = 0;
  std::uint32_t how = 0;  // PICKET_EXIT_...
  std::int32_t value = 0;
  std::uint32_t flags = 0;
  std::int64_t ended_ns = 0, ended_wall_ns = 0, user_ns = -1, system_ns = -1, peak_memory = -1;
};
struct Stragglers {
  ProgramId id = 0;
  std::uint32_t count = 0;
  std::vector<Member> members;  // the first 64
};
struct Emptied {
  ProgramId id = 0;
  std::uint32_t flags = 0, killed = 0, adopted = 0;
};
struct Measured {
  ProgramId id = 0;
  std::uint32_t processes = 0;
  std::int64_t user_ns = -1, system_ns = -1, memory = -1, peak_memory = -1, read_bytes = -1, written_bytes = -1,
               threads = -1, oom_kills = -1;
};

using Report =
    std::variant<Welcome, Found, Listed, Started, Failed, Output, Notified, Exited, Stragglers, Emptied, Measured>;

}  // namespace picket::process

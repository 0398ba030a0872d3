// SPDX-License-Identifier: Apache-2.0
//
// The daemon's side of picket.process/1: programs in trees, by way of the holder. One for each daemon; idle, without a
// thread and without a holder, until the first instance opens it. On systems where it cannot be, open() says so.
//
// Thread-safe. What is heard is told on a thread of this object, which the listener must not keep.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "picket/base.h"
#include "picket/result.hpp"
#include "process/model.hpp"

namespace picket::process {

struct Ready {
  std::uint32_t ability = 0;
  std::string risk;
  Identity holder;
};
struct Lost {
  std::string reason;
};

// What an instance hears: see picket_process_events.
using Heard =
    std::variant<Found, Ready, Lost, Started, Failed, Output, Notified, Exited, Stragglers, Emptied, Measured>;

// A start, with what only the daemon resolves.
struct StartRequest {
  Start order;  // without id, uid, gid, groups
  std::string user, group;
  std::vector<std::string> groups;
  bool only_group = false;
  std::vector<std::int64_t> sockets;  // copied
};

class Processes {
 public:
  using Hear = std::function<void(Heard)>;
  // One line for the daemon's log: a warning, or news.
  using Log = std::function<void(bool is_warning, const std::string& message)>;

  // `directory`: absolute; private; the holder's. `program`: of this very daemon. `control_groups`: "auto", "none", or
  // a directory.
  static std::shared_ptr<Processes> make(std::string directory, std::string program, std::string control_groups,
                                         Log log);
  virtual ~Processes() = default;

  // Programs of that name are told, then Ready. UNSUPPORTED: not on this system; INVALID: it is open already.
  virtual Result<void> open(const std::string& instance, Hear hear) = 0;
  // Nothing is told any more, but for what is being told at this moment. The programs run on.
  virtual void close(const std::string& instance) = 0;

  // Errors: BUSY as code PICKET_BUSY (no holder at the moment), INVALID, LIMIT.
  virtual Result<ProgramId> start(const std::string& instance, StartRequest request) = 0;
  // Signal, End, Limit, Tune, SetMain, SetBlob, Acknowledge, Rotate, Measure, Forget: PICKET_OK, NOT_FOUND, BUSY,
  // REFUSED (Forget of a tree that is not empty).
  virtual picket_status request(const std::string& instance, Order order) = 0;
  // NOT_FOUND: there is no such process.
  virtual Result<ProgramId> watch(const std::string& instance, std::int64_t pid, std::uint64_t start_time,
                                  Identity& identity) = 0;
};

}  // namespace picket::process

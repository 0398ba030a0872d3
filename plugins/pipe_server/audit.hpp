// SPDX-License-Identifier: Apache-2.0
//
// The audit trail: every request that changes something, and every refusal, as an event of kind `audit` on the bus and
// as a record in the operating system's event log. On the loop's thread.
#pragma once

#include <deque>
#include <picket/plugin.hpp>
#include <string>

#include "peer.hpp"
#include "publisher.hpp"

namespace picket::pipe_server {

struct AuditRecord {
  enum class Outcome { requested, refused };
  Outcome outcome = Outcome::requested;
  Peer peer;
  std::string user;      // the peer's name, "" if the system knows none
  std::string right;     // that it takes: "control"
  std::string method;    // "call", "subscribe", ...
  std::string instance;  // that it is asked of, or ""
  std::string command;   // or ""
};

class Audit final : public Participant {
 public:
  static constexpr std::size_t kMaxWaiting = 1'000;  // events, while the queues are full; the oldest go first

  Audit(Host host, Publisher& publisher);
  ~Audit() override { publisher_.forget(*this); }
  Audit(const Audit&) = delete;
  Audit& operator=(const Audit&) = delete;

  void write(const AuditRecord& record);
  void publisher_ready() override { drain(); }

 private:
  bool append(const AuditRecord& record, std::int64_t time_ns);
  void drain();

  struct Waiting {
    AuditRecord record;
    std::int64_t time_ns = 0;
  };
  Host host_;
  Publisher& publisher_;
  OsLog os_log_;
  Name kind_, message_, outcome_, right_, method_, instance_, command_, uid_, pid_, user_;
  Counter requested_, refused_, lost_;
  std::deque<Waiting> waiting_;
};

// "user 1000 (mary, process 42) was refused control: call jobs restart"
std::string audit_message(const AuditRecord& record);

}  // namespace picket::pipe_server

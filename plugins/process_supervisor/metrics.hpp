// SPDX-License-Identifier: Apache-2.0
//
// Measures every program at each tick and puts the numbers on the bus, stamped with the tick's time. [control]
#pragma once

#include <array>
#include <cstdint>
#include <set>

#include <picket/plugin.hpp>

#include "fleet.hpp"
#include "watcher.hpp"

namespace picket::process_supervisor {

class Metrics {
 public:
  Metrics(Host host, Fleet& fleet, Watcher& watcher);

  // Asks for measurements; what is known is emitted when all have come, or a second later.
  void tick(std::int64_t due_ns);
  // One has come.
  void measured(ProgramId id);
  void end();

 private:
  struct Writer;
  void emit();
  void write_program(Writer& out, const Program& program);
  void write_usage(Writer& out, Name who, const ProgramUsage& usage, std::uint32_t processes);

  Host host_;
  Fleet& fleet_;
  Watcher& watcher_;
  Name key_, cause_key_, mode_key_, user_, system_, direction_key_, read_, write_;
  Name state_, up_, restarts_, failures_, uptime_, cpu_, memory_, io_, count_, threads_;
  std::array<Name, kCauses> causes_;
  std::int64_t due_ns_ = 0;
  std::set<ProgramId> awaited_;
  Appointment limit_ = 0;
};

}  // namespace picket::process_supervisor

// SPDX-License-Identifier: Apache-2.0
//
// Short commands beside a program: checks and drains. Each ends within its time, with its whole tree. [control]
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <picket/plugin.hpp>

#include "agenda.hpp"

namespace picket::process_supervisor {

using HelperRun = std::uint64_t;  // 0: none

class HelperRuns {
 public:
  // `why` when it is not good: "exited with code 1: connection refused", with the last line that it wrote.
  using Done = std::function<void(bool good, const std::string& why)>;

  // Keys of helpers begin with this; no program's name does.
  static constexpr std::string_view kPrefix = "helper/";

  HelperRuns(Processes& processes, Agenda& agenda) : processes_(processes), agenda_(agenda) {}

  // `done` runs once, never within run(); good is exit code 0 within the time.
  HelperRun run(ProgramSpec spec, std::int64_t timeout_ns, Done done);
  // It is killed, and `done` will not run. 0 and those that are over are fine.
  void cancel(HelperRun& run);
  // Forgets all without a word.
  void clear();

  // Each returns false when the program is none of these.
  bool failed(ProgramId id, const ProgramFailure& failure);
  bool output(ProgramId id, const ProgramOutput& output);
  bool exited(ProgramId id, const ProgramExit& exit);
  bool stragglers(ProgramId id);
  bool emptied(ProgramId id);
  bool owns(ProgramId id) const { return by_id_.contains(id); }

 private:
  struct Run {
    HelperRun number = 0;
    Done done;  // null: nobody waits
    std::string last_line;
    std::string why;
    bool good = false, late = false;
    std::int64_t timeout_ns = 0;
    Appointment limit = 0;
  };
  Run* find(ProgramId id);
  void end(ProgramId id);
  void finish(ProgramId id);

  Processes& processes_;
  Agenda& agenda_;
  HelperRun last_ = 0;
  std::unordered_map<ProgramId, Run> by_id_;
  std::unordered_map<HelperRun, ProgramId> by_number_;
};

}  // namespace picket::process_supervisor

// SPDX-License-Identifier: Apache-2.0
//
// One check of one program, again and again: readiness until it is good, liveness once each period. Says each verdict;
// what follows from it is the program's. [control]
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "agenda.hpp"
#include "helper_runs.hpp"
#include "prober.hpp"
#include "settings.hpp"

namespace re2 {
class RE2;
}

namespace picket::process_supervisor {

// What a loop works with; all outlive it.
struct CheckTools {
  Agenda& agenda;
  Prober& prober;
  HelperRuns& helpers;
};

class CheckLoop {
 public:
  enum class Purpose : std::uint8_t { readiness, liveness };
  using Told = std::function<void(bool good, const std::string& why)>;

  // Begins at once; a liveness check looks first after one period. `program` is copied as far as it is needed; of a
  // file, only what was written after `since_wall_ns` counts as ready. `told` may destroy this object.
  CheckLoop(const CheckTools& tools, Purpose purpose, const Check& check, const ProgramSettings& program,
            std::int64_t since_wall_ns, Told told);
  ~CheckLoop();
  CheckLoop(const CheckLoop&) = delete;
  CheckLoop& operator=(const CheckLoop&) = delete;

  // A line of the program's output.
  void line(std::string_view text);

 private:
  void look();
  void answer(bool good, const std::string& why);
  void file_answer(const ProbeResult& result);
  void look_again();

  CheckTools tools_;
  Purpose purpose_;
  Check check_;
  ProgramSettings program_;  // for the surroundings of a command; else empty
  std::int64_t since_wall_ns_;
  Told told_;
  std::int64_t due_ns_;
  Appointment next_ = 0, limit_ = 0;
  Probe probe_ = 0;
  HelperRun helper_ = 0;
  std::unique_ptr<re2::RE2> expression_;
  bool line_seen_ = false;
  std::int64_t written_ns_ = 0;  // of the file, at the last look; 0: none yet
};

}  // namespace picket::process_supervisor

// SPDX-License-Identifier: Apache-2.0
//
// The bar that a long read shows: on standard error, only where that is a terminal, only after half a second, and gone
// at the end. Used by the verbs that read the history. Single thread.
#pragma once

#include <cstdint>
#include <ostream>

#include "platform/clock.hpp"

namespace picket::commands {

class Progress {
 public:
  // `err` and `clock` outlive it. `shown`: platform::Terminal.error_interactive.
  Progress(const platform::Clock& clock, std::ostream& err, bool shown);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { finish(); }

  // `part`: from 0 to 1; may be called as often as one likes, and never goes back.
  void update(double part);

  // Takes the bar away. Later updates show nothing.
  void finish();

 private:
  const platform::Clock& clock_;
  std::ostream& err_;
  bool shown_;
  bool drawn_ = false;
  double part_ = 0;
  std::int64_t next_ns_;
};

}  // namespace picket::commands

// SPDX-License-Identifier: Apache-2.0
//
// The signals of the operating system (signal_table_linux.cpp, signal_table_windows.cpp). Used by signals.cpp only.
#pragma once

#include <span>
#include <string_view>
#include <utility>

namespace picket::process_supervisor {

struct NamedSignal {
  std::string_view name;  // without SIG, capitals
  int number;
};

std::span<const NamedSignal> known_signals();

// The first and last real-time signal; both 0 where there are none.
std::pair<int, int> realtime_signals();

}  // namespace picket::process_supervisor

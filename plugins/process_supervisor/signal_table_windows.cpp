// SPDX-License-Identifier: Apache-2.0
//
// Windows has no signals. These words of the settings stand for its ways to end a program; the numbers are those of
// Linux, so that one configuration and one history mean the same on both.
#include "signal_table.hpp"

namespace picket::process_supervisor {

std::span<const NamedSignal> known_signals() {
  static constexpr NamedSignal kSignals[] = {{"INT", 2}, {"KILL", 9}, {"TERM", 15}, {"BREAK", 21}};
  return kSignals;
}

std::pair<int, int> realtime_signals() {
  return {0, 0};
}

}  // namespace picket::process_supervisor

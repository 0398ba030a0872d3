// SPDX-License-Identifier: Apache-2.0
//
// The loss ledger of one destination: where every event that entered it is or went. Nothing disappears silently:
// balanced() holds at every moment, and a randomised test checks that it does.
//
// The steps of a route have a ledger too, as the destination `(steps)`: there `delivered` are events that left the
// steps and were handled behind them, and what was refused or dropped behind them is counted here once more.
#pragma once

#include <cstdint>
#include <iterator>
#include <numeric>

namespace picket::routing {

// Why an event was dropped.
enum class DropReason : std::uint8_t {
  full,      // the queue was full and its policy drops
  shutdown,  // the daemon stopped before the event could be delivered
  removed,   // a reload removed the route or its sink before the event could be delivered
  damaged,   // the spool could not keep it, or could not read it back
};
inline constexpr int kDropReasons = 4;
// As they are called in status and metrics.
inline constexpr const char* kDropNames[kDropReasons] = {"full", "shutdown", "removed", "damaged"};

// All in events, since the destination was made.
struct Ledger {
  std::uint64_t in = 0;         // offered by sources, or found in the spool
  std::uint64_t recovered = 0;  // of these, found in the spool: left by an earlier life of the daemon or the route
  std::uint64_t created = 0;    // made by the route's steps, beyond what they replaced
  std::uint64_t filtered = 0;   // not selected by `where`
  std::uint64_t delivered = 0;  // the sink said OK; of created events: handed to the destinations behind the steps
  std::uint64_t absorbed = 0;   // a step took them in or left them out
  std::uint64_t dead = 0;       // refused by the sink for good
  std::uint64_t dropped[kDropReasons] = {};
  std::uint64_t queued = 0;     // waiting (now)
  std::uint64_t in_flight = 0;  // offered to the sink, not finished (now)
  std::uint64_t spooled = 0;    // on disk and not in memory (now)

  std::uint64_t dropped_total() const {
    return std::accumulate(std::begin(dropped), std::end(dropped), std::uint64_t{0});
  }
  bool balanced() const {
    return in + created == filtered + delivered + absorbed + dead + dropped_total() + queued + in_flight + spooled;
  }
};

}  // namespace picket::routing

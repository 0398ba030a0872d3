// SPDX-License-Identifier: Apache-2.0
//
// What became of a call that a route made: as numbers for `picket status`, and as the event that tells of it. Pure
// data and functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "routing/batch.hpp"
#include "routing/names.hpp"

namespace picket::routing {

enum class CallResult : std::uint8_t {
  done,       // the command answered OK
  failed,     // it answered anything else, or could not take the call for too long
  timed_out,  // no answer within the destination's `timeout`
  limited,    // not called: over the destination's `limit`
  unknown,    // there is no such instance or command
};
// "done", "failed", "timed_out", "limited", "unknown".
std::string_view to_string(CallResult result);
// The result that the answer of a command which exists means; BUSY is `failed`, for whoever gives up on it.
CallResult call_result_of(picket_status status);

// "ok", "busy", "failed", "invalid", ...: as the events of outcomes say it.
std::string_view call_status_name(picket_status status);

// Calls of one destination since it was made.
struct CallCounts {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t limited = 0;
  std::uint64_t unknown = 0;
  std::uint64_t looped = 0;   // events that tell of an outcome which this destination has caused itself: not called
  std::uint64_t retries = 0;  // further attempts of calls that the instance could not take
  std::uint64_t untold = 0;   // outcomes whose event no queue had room for
  std::uint64_t open = 0;     // called and not answered (now)
};

struct CallOutcome {
  std::string route;
  std::string instance;
  std::string command;
  CallResult result = CallResult::done;
  picket_status status = PICKET_OK;
  std::string message;               // one line: what happened, and why
  std::string reply;                 // the command's JSON, when it is done
  std::int64_t duration_ns = 0;      // from the first attempt to the answer
  std::uint64_t count = 1;           // events; of `limited` all since it was told last
  std::uint64_t cause_sequence = 0;  // of the event that caused the call (the last one, when it is several)
  std::string cause_source;
  std::string chain;  // see call_link()
};

// How a destination is named in the field `chain` of the outcomes that it causes. An outcome that causes a call hands
// on its chain, so that a destination sees an outcome which it has caused itself, however long the way was.
std::string call_link(std::string_view route, std::string_view instance, std::string_view command);
// Whether `chain` ("link,link,...") holds `link`.
bool chain_holds(std::string_view chain, std::string_view link);
inline constexpr std::size_t kMaxChain = 4'096;  // bytes; a longer one counts as a loop

// The chain of `event`, if it is an outcome of `picket`; else empty. Points into the batch.
std::string_view chain_of(const picket_batch& batch, const picket_event& event, Names& names);

// The event: kind `command`, severity info or warning, with the fields route, instance, command, outcome, status,
// message, duration_ns, count (if not 1), reply (JSON, at most kMaxReply), cause.sequence, cause.source and chain. The
// caller owns the one reference; null when memory is short.
inline constexpr std::size_t kMaxReply = 4'096;  // bytes; a longer one is left out
picket_batch* outcome_event(const CallOutcome& outcome, Names& names);

}  // namespace picket::routing

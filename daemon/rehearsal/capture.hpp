// SPDX-License-Identifier: Apache-2.0
//
// Files of captured events: one JSON object a line, as `picket tap --format json` writes them and the flight recorder
// dumps them. Read whole; one thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "picket/result.hpp"
#include "routing/batch.hpp"
#include "routing/names.hpp"

namespace picket::rehearsal {

// Limits of one file.
inline constexpr std::size_t kMaxCapturedEvents = 1'000'000;
inline constexpr std::uint64_t kMaxCaptureBytes = 1ULL << 30U;

struct CapturedEvent {
  std::int64_t time_ns = 0;  // UTC since 1970; 0: it does not say
  std::string source;        // empty: likewise
  routing::BatchRef batch;   // holds this event alone
  std::size_t line = 0;      // of the file, from 1
};

// The events of the file at `path` (UTF-8), in its order. Lines are events (routing/event_json.hpp); empty ones are
// passed over, and those of the flight recorder that are none and begin with {"record". An error names the file, the
// line and the byte.
Result<std::vector<CapturedEvent>> read_capture(const std::string& path, routing::Names& names);

}  // namespace picket::rehearsal

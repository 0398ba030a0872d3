// SPDX-License-Identifier: Apache-2.0
//
// The check that a batch from outside the process (a file, a peer) passes before anything else reads it. Afterwards
// every offset, count and name in it may be used without a look. What a plugin emits does not pass here, only its
// counts and ranges of fields are checked (Router::emit): a plugin shares the daemon's memory anyway. Any thread; the
// batch must not change meanwhile.
#pragma once

#include <cstdint>

#include "picket/batch.h"
#include "picket/result.hpp"
#include "routing/batch.hpp"  // the capacities of one batch

namespace picket::routing {

// Fields may share bytes, but all their lengths together stay below this, so that reading every field is bounded.
inline constexpr std::uint64_t kMaxBatchReferencedBytes = 256ULL * 1024 * 1024;

// `name_count` is Names::size(): names are 1..name_count. Checks
//  - sizes, capacities, counts and flags of the batch;
//  - of each event its names, severity, flags and range of fields; the ranges together hold no more fields than the
//    batch has, so that no two events share one at the cost of everyone who reads them;
//  - of each field its key, and what its type says about its value: names that exist, booleans of 0 or 1, bytes inside
//    the heap, texts, JSON and inline keys of valid UTF-8. JSON is not parsed. Unknown types pass: readers skip them.
// The error is PICKET_INVALID and names the event and the field (both from 0) and what is wrong there.
// Linear in the batch; a heap of plain ASCII is checked at once.
Result<void> validate_batch(const picket_batch& batch, std::uint32_t name_count);

}  // namespace picket::routing

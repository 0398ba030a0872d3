// SPDX-License-Identifier: Apache-2.0
//
// What sinks refuse for good, as files that a person can read: one JSON object a line,
//
//   {"time": "...", "reason": "refused", "status": -5, "route": "trouble", "destination": "siem", "event": {...}}
//
// in dead/ROUTE/DESTINATION/letters.jsonl below the state directory; `event` is as event_json.hpp writes it. At half of
// the limit the file becomes letters.1.jsonl, in place of the one before: what is older than that is gone.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "picket/result.hpp"
#include "platform/executor.hpp"
#include "routing/batch.hpp"
#include "routing/names.hpp"

namespace picket::routing::spool {

inline constexpr const char* kLettersFile = "letters.jsonl";
inline constexpr const char* kOlderLettersFile = "letters.1.jsonl";

// Events of one delivery that were refused.
struct DeadLetter {
  std::string route;
  std::string destination;
  BatchRef batch;
  Selection selection;
  std::uint32_t selected = 0;             // events of the delivery
  std::vector<std::uint32_t> positions;   // the refused ones in the selection, ascending; empty: all
  picket_status status = PICKET_REFUSED;  // what the sink said
};

// What a status is called in a letter: "refused", "failed", ...
const char* reason_of(picket_status status);

// Thread-safe; writes on its lane. Held by shared_ptr.
class DeadLetters : public std::enable_shared_from_this<DeadLetters> {
 public:
  // `lane` may wait for the disk; `names` outlives it.
  DeadLetters(std::filesystem::path root, std::uint64_t max_bytes, std::shared_ptr<platform::Lane> lane, Names& names);

  // Calls `then` when the letter is in its file, or when that could not be done (see failure()), from any thread.
  // Never waits.
  void add(DeadLetter letter, std::function<void()> then);
  // Writes what waits, on the caller's thread. REQUIRES: no task of the lane runs or will run.
  void finish();
  void set_max_bytes(std::uint64_t max_bytes) { max_bytes_.store(max_bytes, std::memory_order_relaxed); }

  // Events that are in no file, because the disk did not take them or they came too fast.
  std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }
  std::uint64_t written() const { return written_.load(std::memory_order_relaxed); }
  // Why the last writing failed; empty: it did not.
  std::string failure() const;

 private:
  struct Waiting {
    DeadLetter letter;
    std::int64_t wall_ns = 0;
    std::function<void()> then;
  };
  // Writes some of what waits; true if more does.
  bool write_some();
  void write_soon();
  Result<void> append(const std::filesystem::path& folder, const std::string& lines);
  std::string lines_of(const Waiting& waiting) const;

  const std::filesystem::path root_;
  const std::shared_ptr<platform::Lane> lane_;
  Names& names_;
  std::atomic<std::uint64_t> max_bytes_;
  std::atomic<std::uint64_t> lost_{0};
  std::atomic<std::uint64_t> written_{0};

  mutable std::mutex mutex_;     // guards everything below
  std::deque<Waiting> waiting_;  //
  std::uint64_t waiting_bytes_ = 0;
  std::string failure_;
};

}  // namespace picket::routing::spool

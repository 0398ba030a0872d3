// SPDX-License-Identifier: Apache-2.0
//
// The flight recorder: the latest events, decisions of routes and log lines, in memory, always on. Rings with fixed
// limits of bytes, so that the whole stays below the size that it was made with.
//
// Events are held as the batches that they came in, by reference. The latest batches are all there; what leaves these
// becomes history, but no more of it in a second than the history holds: a source in a hurry would otherwise fill its
// batches into memory that no cache has. What is passed by is counted.
//
// Any thread; a spin lock is held for tens of nanoseconds. The signal handler of a crash reads the rings as they lie
// (recording.hpp), which is why they are plain arrays.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/clock.hpp"
#include "routing/batch.hpp"
#include "routing/names.hpp"

namespace picket::routing {

enum class DecisionKind : std::uint32_t {
  offered = 1,   // a route chose `selected` of a batch's `events` and put them into the queue of a destination
  held = 2,      // that queue had no room: the source was told to wait
  dropped = 3,   // the queue dropped `dropped` events; `detail` is the DropReason
  finished = 4,  // the sink answered: what was not refused, absorbed or dropped is delivered
};

// FROZEN within a version of the file format: written as it lies.
struct Decision {
  std::uint64_t serial = 0;    // order among all that is recorded; given by the recorder
  std::int64_t time_ns = 0;    // UTC; of `offered` and `held` the time of the first event
  std::uint64_t sequence = 0;  // of the first event of the batch
  std::uint32_t kind = 0;      // DecisionKind
  std::uint32_t detail = 0;
  picket_name source = 0;
  picket_name route = 0;
  picket_name destination = 0;  // "siem", "jobs.restart", "(steps)"
  std::uint32_t events = 0;
  std::uint32_t selected = 0;
  std::uint32_t refused = 0;
  std::uint32_t absorbed = 0;
  std::uint32_t dropped = 0;
};
static_assert(sizeof(Decision) == 64);

class Recorder {
 public:
  static constexpr std::uint64_t kLeastSize = 64U << 10U;  // bytes
  static constexpr std::size_t kMaxLine = 2'048;           // bytes of a log line that are kept

  // `size` in bytes, 0: off; one below kLeastSize counts as that. `clock` outlives it.
  Recorder(std::uint64_t size, const platform::Clock& clock);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  bool on() const { return size_ != 0; }
  std::uint64_t size() const { return size_; }

  // Adds under one lock: first the batch, then what was decided about it.
  class Entry {
   public:
    explicit Entry(Recorder& recorder);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    // REQUIRES: the batch is complete: stamped, and changed no more.
    void add(const picket_batch* batch);
    void add(const Decision& decision);

   private:
    Recorder& recorder_;
    void let_go(const picket_batch* batch);
    std::size_t gone_count_ = 0;
    const picket_batch* gone_[16];  // released once the lock is
  };

  void add(const Decision& decision) {
    if (on()) Entry(*this).add(decision);
  }
  // `line`: a JSON object, as the log writes records. A long one is left out and counted.
  void add_log(std::string_view line);

  // Lets go of everything, for good: nothing is recorded any more.
  void close();

  // --- what is recorded ---------------------------------------------------------------------------------------------

  struct HeldBatch {
    std::uint64_t serial = 0;
    BatchRef batch;
  };
  struct Line {
    std::uint64_t serial = 0;
    std::string text;
  };
  struct Contents {
    std::vector<HeldBatch> batches;  // each list oldest first
    std::vector<Decision> decisions;
    std::vector<Line> lines;
    std::uint64_t left_out = 0;  // batches that were passed by, lines that were too large
  };
  Contents contents();
  // Bytes that the rings and what they hold take now.
  std::uint64_t held_bytes();

 private:
  friend class CrashView;
  struct Slot {
    const picket_batch* batch = nullptr;
    std::uint64_t serial = 0;
    std::uint64_t cost = 0;
  };
  struct LineHeader {
    std::uint32_t length = 0;
    std::uint32_t reserved = 0;
    std::uint64_t serial = 0;
  };

  // Batches, oldest first.
  struct Ring {
    explicit Ring(std::uint64_t limit_bytes, std::size_t slots);
    bool full(std::uint64_t cost) const { return used == count || (used != 0 && bytes + cost > limit); }
    void put(const Slot& slot);
    Slot take_oldest();
    const Slot& at(std::size_t index) const { return slots[(first + index) % count]; }

    const std::uint64_t limit;  // bytes that what it holds costs
    const std::size_t count;
    const std::unique_ptr<Slot[]> slots;
    std::size_t first = 0;
    std::size_t used = 0;
    std::uint64_t bytes = 0;
  };

  void lock();
  void unlock() { locked_.clear(std::memory_order_release); }
  bool becomes_history(const Slot& slot);
  void put(const void* data, std::size_t length);
  void get(std::size_t at, void* data, std::size_t length) const;
  void drop_oldest_line();
  bool may_copy();

  const std::uint64_t size_;
  const platform::Clock& clock_;

  std::atomic_flag locked_ = ATOMIC_FLAG_INIT;  // guards everything below
  bool closed_ = false;
  std::uint64_t next_serial_ = 1;
  std::uint64_t left_out_ = 0;
  std::int64_t next_copy_ns_ = 0;

  Ring latest_;
  Ring history_;
  std::uint64_t history_allowance_ = 0;  // bytes that may become history now
  std::int64_t history_asked_ns_ = 0;    // when that was so

  const std::size_t decision_count_;
  const std::unique_ptr<Decision[]> decisions_;
  std::size_t first_decision_ = 0;
  std::size_t used_decisions_ = 0;

  const std::size_t text_size_;
  const std::unique_ptr<char[]> text_;  // LineHeader, text, LineHeader, ...; wraps around anywhere
  std::size_t first_text_ = 0;
  std::size_t used_text_ = 0;
};

}  // namespace picket::routing

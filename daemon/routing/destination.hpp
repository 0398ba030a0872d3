// SPDX-License-Identifier: Apache-2.0
//
// One destination of one route: a bounded queue, its policy, the deliveries in flight, retries, and the ledger. The
// queue before a route's steps is one too; its sink is the pipeline.
//
// Sources push from any thread; deliveries run on the sink's deliver lane. A destination outlives its sink: while the
// sink is away (not started, restarting, failed) the queue holds, and whatever was in flight returns to its front.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "picket/ext/sink.h"
#include "platform/executor.hpp"
#include "routing/acknowledgement.hpp"
#include "routing/batch.hpp"
#include "routing/ledger.hpp"
#include "routing/recorder/recorder.hpp"
#include "routing/spool/host.hpp"

namespace picket::routing {

namespace spool {
class SpoolStore;
}

// A consumer that runs: a sink instance, or a subscription. Held by shared_ptr.
class SinkPort : public std::enable_shared_from_this<SinkPort> {
 public:
  explicit SinkPort(std::shared_ptr<platform::Lane> lane) : lane_(std::move(lane)) {}
  virtual ~SinkPort() = default;

  // On lane(). As picket_sink.consume; `lost` events were dropped by this queue just before this delivery.
  virtual picket_status consume(const picket_delivery& delivery, std::uint64_t lost) = 0;
  // On lane(). No delivery waits on any destination of this sink.
  virtual void idle() {}
  // On lane(). As picket_sink.flush.
  virtual void flush() {}

  const std::shared_ptr<platform::Lane>& lane() const { return lane_; }

  // From now on every idle() is followed by flush(): the queues behind this sink are to become empty soon. Thread-safe.
  void drain();

 private:
  friend class Destination;
  void became_idle();

  const std::shared_ptr<platform::Lane> lane_;
  std::atomic<int> busy_destinations_{0};  // scheduled to deliver
  std::atomic<bool> draining_{false};
};

// The spool of a destination, for status.
struct SpoolStatus {
  std::string folder;
  std::uint64_t bytes = 0;  // on disk and not finished
  std::uint64_t limit = 0;
  std::string problem;  // empty: all is well
};

// What one emit brings to one destination. `selected` of the `total` events of `batch` passed the route's filter.
struct Offer {
  BatchRef batch;
  Selection selection;
  AcknowledgementRef acknowledgement;
  std::uint32_t total = 0;
  std::uint32_t selected = 0;
};

// Thread-safe. Held by shared_ptr.
class Destination : public std::enable_shared_from_this<Destination> {
 public:
  struct Identity {
    std::uint32_t id;  // 1..2^24-1, the high bits of its tickets
    picket_name route;
    std::string route_name;
    std::string instance;
    // The queue before a route's steps. What the steps have handed on lies in the queues behind them, so what is in
    // flight here counts against no limit.
    bool steps = false;
    // The instance whose command is called; empty when `instance` names a sink.
    std::string target = {};
    picket_name label = 0;  // `instance`, for the recorder
  };

  // With `spools` it may keep events on disk, and what is refused for good; without, it has only its queue.
  Destination(Identity identity, config::QueueSettings settings, std::shared_ptr<platform::Executor> executor,
              std::shared_ptr<spool::SpoolHost> spools = nullptr);

  ~Destination();
  Destination(const Destination&) = delete;
  Destination& operator=(const Destination&) = delete;

  const Identity& identity() const { return identity_; }
  // Null: nothing is recorded. REQUIRES: before the first offer.
  void use_recorder(Recorder* recorder) { recorder_ = recorder; }
  // One about `batch` and this destination, without numbers.
  Decision decision(DecisionKind kind, const picket_batch& batch) const;

  // --- the source's side ------------------------------------------------------------------------------------------

  enum class Room : std::uint8_t {
    reserved,
    full,  // only with the policy `block`; `listener` hears on_ready(port) when there is room again
    gone,  // retired, or closed by a reload: the source's wiring is older than the routes
  };
  // Sets room aside for `events` selected events of a batch that costs `bytes`, or says why not.
  Room reserve(std::uint32_t events, std::uint64_t bytes, const std::weak_ptr<SourceListener>& listener,
               picket_name port);
  // Gives room back that reserve() set aside and nobody used.
  void unreserve(std::uint32_t events, std::uint64_t bytes);
  // Takes the offer; with `reserved`, into the room set aside for it, else only to count what was filtered out. Never
  // fails: what was promised room is taken even when the destination was retired meanwhile, and counted and answered
  // as dropped when it was closed.
  void commit(const Offer& offer, bool reserved);

  // --- the sink's side --------------------------------------------------------------------------------------------

  // Begins deliveries to `sink`. REQUIRES: none is attached.
  void attach(std::shared_ptr<SinkPort> sink);
  // No new delivery begins. One may still be running on the lane.
  void pause();
  // Ends the attachment; deliveries in flight return to the front of the queue. REQUIRES: paused, and the lane has run
  // a task posted after pause() (so no delivery is running).
  void detach();
  // Finishes a PENDING delivery; unknown tickets are ignored. See picket_host.done.
  void done(std::uint64_t ticket, picket_status status, std::span<const std::uint32_t> refused);

  // --- the side of a pipeline, which stands in for a sink ------------------------------------------------------------

  // As done(), with numbers instead of positions; numbers beyond the delivery's events mean nothing.
  // `refused`: the positions of the events that it counts as refused, ascending, if they are known.
  void done(std::uint64_t ticket, const Outcome& outcome, std::vector<std::uint32_t> refused = {});
  // The steps made `events` of their own, and (later) handed them on.
  void created(std::uint64_t events);
  void handed_on(std::uint64_t events);
  // Deliveries go on at once, whatever back-off there was.
  void resume();
  // Nothing waits to be delivered, nor is on its way into room set aside. What was delivered may still be in flight.
  bool all_offered() const;
  // Calls `listener` once, from any thread, as soon as that is so (at once if so now).
  void when_all_offered(std::function<void()> listener);

  // --- life -------------------------------------------------------------------------------------------------------

  void set_settings(const config::QueueSettings& settings);
  config::QueueSettings settings() const;
  // Gives no more room; what it holds, and what it gave room to, is still delivered.
  // A backlog on disk stays there.
  void retire();
  bool retired() const;
  // Its route is back before it was gone: goes on as if it had never been retired. False if it is closed.
  bool revive();
  // Takes nothing any more and drops what is not delivered, as `reason`; with a spool, puts it there. When it returns,
  // no delivery is running (unless called from within one). How many events that was, without those that steps have
  // begun with.
  std::uint64_t close(DropReason reason);
  // Nothing is queued, in flight, or on its way into room set aside. A backlog on disk does not count.
  bool empty() const;
  // Calls `listener` once, from any thread, as soon as it is empty (at once if so now).
  void when_empty(std::function<void()> listener);

  Ledger ledger() const;
  std::uint64_t bytes() const;  // pinned by what is queued and in flight
  std::optional<SpoolStatus> spool_status() const;

 private:
  struct Entry {
    Offer offer;
    std::uint64_t bytes = 0;
    std::uint64_t serial = 0;  // ascending in order of arrival
    std::uint64_t lost = 0;    // dropped just before it
    std::uint32_t flags = 0;   // PICKET_DELIVERY_...
    bool delivering = false;   // inside consume(): its result decides, done() only leaves a note
    bool noted = false;        // done() was called meanwhile, with:
    picket_status note = PICKET_OK;
    Outcome note_outcome;
    std::vector<std::uint32_t> note_positions;
    bool spooled = false;  // it lies in the spool, under its serial
  };
  using Entries = std::list<Entry>;
  struct Spooling;
  struct Turn;
  struct Refused {
    spool::DeadLetter letter;
    std::uint64_t release = 0;  // the serial of its entry in the spool, to be released when the letter is written
  };

  // What has to happen once the lock is released.
  struct Aftermath {
    Entries finished;  // destroyed outside the lock: their acknowledgements call out
    std::vector<std::pair<std::weak_ptr<SourceListener>, picket_name>> ready;
    std::shared_ptr<SinkPort> deliver_to;
    std::vector<std::function<void()>> listeners;
    std::vector<Refused> refused;
    std::vector<AcknowledgementRef> acknowledged;
    std::vector<std::pair<spool::SpoolHost::Tone, std::string>> spool_report;
    bool retry = false;
    bool spool_turn = false;
    bool spool_retry = false;
  };

  static constexpr std::uint64_t kSerialMask = (std::uint64_t{1} << 40U) - 1;
  std::uint64_t ticket_of(const Entry& entry) const {
    return (std::uint64_t{identity_.id} << 40U) | (entry.serial & kSerialMask);
  }
  bool full(std::uint32_t events, std::uint64_t bytes) const;
  bool memory_full(std::uint32_t events, std::uint64_t bytes) const;
  bool has_room() const;
  bool all_offered_locked() const;
  bool empty_locked() const;
  bool everything_is_spooled() const;
  // What counts against the limits of the memory: not what is on its way to the spool.
  std::uint64_t held_events() const;
  std::uint64_t held_bytes() const { return identity_.steps ? queued_bytes_ : bytes_; }
  void take(const Offer& offer, std::uint64_t bytes, Aftermath& after);
  void drop(Entries::iterator entry, DropReason reason, Aftermath& after);
  void answer(std::uint64_t ticket, picket_status status, const Outcome& outcome, std::vector<std::uint32_t> positions);
  // `positions`: of the refused events, if they are known one by one.
  void finish(Entries::iterator entry, picket_status status, const Outcome& outcome,
              std::vector<std::uint32_t> positions, Aftermath& after);
  void return_to_queue(Entries::iterator entry, bool handed_out);
  void settle(Aftermath& after);  // after any change: wake-ups, scheduling, empty
  void run_aftermath(Aftermath& after);
  void recycle(Entries& entries);
  void deliver(const std::shared_ptr<SinkPort>& sink);
  bool take_round(SinkPort& sink, std::vector<Entries::iterator>& round);
  void begin_round(SinkPort& sink, std::vector<Entries::iterator>& round);
  void arm_retry();
  void record_dropped(const picket_batch& batch, DropReason reason, std::uint64_t events);
  void record_finished(const Entry& entry, std::uint64_t refused, const Outcome& outcome);

  // The side of the spool: destination_spool.cpp.
  void begin_spooling_locked();
  bool spooling_now() const;
  bool memory_is_next() const;
  bool spool_full(std::uint32_t events, std::uint64_t bytes) const;
  bool spool_has_room() const;
  bool can_load() const;
  bool may_pass_spool() const;
  void pass_spool_by();
  void settle_spool(Aftermath& after);
  void release_locked(std::uint64_t serial);
  void release_after_letter(std::uint64_t serial);
  void spool_turn();
  bool begin_turn(Turn& turn);
  static void do_turn(Spooling& spooling, Turn& turn);
  static void work(spool::SpoolStore& store, Turn& turn);
  void end_turn(Turn& turn);
  void count_recovered(const Turn& turn);
  void finish_opening(const Turn& turn, Aftermath& after);
  void finish_writing(Turn& turn, Aftermath& after);
  void finish_loading(Turn& turn);
  void judge_turn(const Turn& turn, Aftermath& after);
  void arm_spool_retry();
  void keep_in_spool(std::unique_lock<std::mutex>& lock, Aftermath& after);
  static void last_turn(Spooling& spooling, Turn& turn);
  void drop_oldest_of_spool(std::uint32_t events, std::uint64_t bytes, Aftermath& after);

  const Identity identity_;
  Recorder* recorder_ = nullptr;
  const std::shared_ptr<platform::Executor> executor_;
  const std::shared_ptr<spool::SpoolHost> spools_;  // may be null

  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable not_delivering_;
  config::QueueSettings settings_;
  Entries queue_;
  Entries in_flight_;  // in order of serial
  Entries spare_;      // list nodes for reuse
  Ledger ledger_;
  std::uint64_t reserved_events_ = 0;
  std::uint64_t reserved_bytes_ = 0;
  std::uint64_t bytes_ = 0;         // of queue_ and in_flight_
  std::uint64_t queued_bytes_ = 0;  // of queue_
  std::uint64_t created_in_flight_ = 0;
  std::uint64_t next_serial_ = 1;
  std::uint64_t lost_ = 0;  // dropped since the last entry was taken
  std::vector<std::pair<std::weak_ptr<SourceListener>, picket_name>> waiting_;
  std::shared_ptr<SinkPort> sink_;
  std::vector<std::function<void()>> empty_listeners_;
  std::vector<std::function<void()>> offered_listeners_;
  const platform::Lane* delivering_on_ = nullptr;  // a delivery round is running
  bool scheduled_ = false;                         // deliver() is posted or running
  bool paused_ = false;
  bool backing_off_ = false;
  std::int64_t back_off_ns_ = 0;
  platform::CallId retry_call_ = 0;
  bool retired_ = false;
  bool closed_ = false;
  std::unique_ptr<Spooling> spooling_;             // null while nothing was ever kept on disk
  DropReason close_reason_ = DropReason::removed;  // once closed
};

}  // namespace picket::routing

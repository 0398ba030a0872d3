// SPDX-License-Identifier: Apache-2.0
//
// From sessions' events to batches on the bus, and the answers back. One for each instance; on the loop's thread (the
// plugin class posts on_ready and acknowledged to it).
//
// Events of all sessions gather in one batch, which is emitted at the end of the round, or when it is full. When the
// queues are full (BUSY) the batch waits, every session that wants to publish is told to wait, and goes on once there
// is room: the sender's socket fills, and nothing is lost.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include <picket/plugin.hpp>

#include "loop.hpp"

namespace picket::pipe_server {

// Who publishes: a session, mostly.
class Participant {
 public:
  virtual ~Participant() = default;
  // After Publisher::Append::wait: there is room again. Not from inside of a call to the publisher.
  virtual void publisher_ready() = 0;
  // The one answer to a publication that asked for one; see Answer. Not from inside of a call to the publisher.
  virtual void published(std::uint64_t publication, picket_status status) {
    static_cast<void>(publication);
    static_cast<void>(status);
  }
};

class Publisher {
 public:
  // What a publication hears: nothing; OK when the queues of every route have taken all of its events; or what became
  // of them at every destination (PICKET_OK, PICKET_DROPPED, PICKET_REFUSED). A failure to emit is the answer in any
  // case.
  enum class Answer { none, accepted, delivered };

  enum class Append {
    taken,
    wait,     // the queues are full: keep the event, hold the connection; publisher_ready() follows
    refused,  // the writer said so
  };
  enum class Written { whole, no_room, refused };
  // Appends one event (or several) to the batch. no_room: nothing is left of it in the batch (the publisher restores
  // the counts), and it is called again with a larger one. An event that fits into no batch is refused.
  using Write = std::function<Written(picket_batch& batch)>;

  struct Room {  // what a write will need, as far as it knows; more is asked for when that was too little
    std::uint32_t events = 1;
    std::uint32_t fields = 16;
    std::uint32_t bytes = 256;
  };

  Publisher(Host host, Loop& loop);
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;
  ~Publisher();

  // False: an append now would answer `wait`.
  bool open() const { return !blocked_; }

  // So many bytes of text are about to become events: how large the next batch is made.
  void expect(std::size_t bytes) { expected_bytes_ = bytes; }

  // One event without an answer, as lines have it.
  template <typename Writer>
  Append append(Participant& who, const Room& room, Writer&& write) {
    return append_to(0, who, room, std::forward<Writer>(write));
  }
  // Several that are answered together: begin, append_to as often as wanted (a `wait` in between is fine), end. What
  // asks for `delivered` has batches to itself. The id is never 0.
  std::uint64_t begin(Participant& who, Answer answer);
  template <typename Writer>
  Append append_to(std::uint64_t publication, Participant& who, const Room& room, Writer&& write) {
    if (!make_room(publication, who, room)) return Append::wait;
    for (Room wanted = room;; wanted = larger(wanted)) {
      const Mark mark = this->mark();
      const Written written = write(*batch_->c());
      if (written == Written::whole) {
        appended(publication);
        return Append::taken;
      }
      restore(mark);
      if (written == Written::refused || !can_grow(wanted)) return Append::refused;
      if (!make_other_room(publication, who, larger(wanted))) return Append::wait;
    }
  }
  void end(std::uint64_t publication);

  // The participant goes: it is called no more, and what it has published stays published.
  void forget(Participant& who);

  // Emits what has gathered. Called at the end of each round by itself.
  void flush();

  // From the plugin class, on the loop's thread.
  void on_ready();
  void acknowledged(std::uint64_t token, picket_status status);
  // Nothing more can be emitted: every open publication is answered with CANCELLED.
  void stop();

  std::uint64_t events() const { return events_; }  // that queues have taken

 private:
  struct Mark {
    std::uint32_t events, fields, bytes;
  };
  struct Publication {
    Participant* who = nullptr;
    Answer answer = Answer::none;
    bool ended = false;
    std::uint32_t batches = 0;  // that hold events of it and are not answered yet
    picket_status status = PICKET_OK;
  };

  void wait(Participant& who);
  bool make_room(std::uint64_t publication, Participant& who, const Room& room);
  bool make_other_room(std::uint64_t publication, Participant& who, const Room& room);
  static Room larger(const Room& room);
  static bool can_grow(const Room& room);
  Mark mark() const;
  void restore(const Mark& mark);
  void appended(std::uint64_t publication);
  bool emit();
  void settle(std::uint64_t publication, picket_status status);
  void answer_if_over(std::uint64_t publication);

  Host host_;
  Loop& loop_;
  std::optional<Batch> batch_;
  std::vector<std::uint64_t> in_batch_;  // publications with events in batch_
  std::uint64_t batch_owner_ = 0;        // the publication that has batch_ to itself; 0: it is shared
  bool blocked_ = false;                 // the queues were full; batch_ waits
  std::size_t expected_bytes_ = 0;
  Room usual_{1, 16, 512};  // what recent batches held, so that trickles make small ones
  bool was_full_ = false;   // what emit() is called for
  bool flush_planned_ = false;
  std::set<Participant*> waiting_;
  std::deque<Participant*> queue_;  // their order; may name some that do not wait any more
  std::map<std::uint64_t, Publication> publications_;
  std::map<std::uint64_t, std::vector<std::uint64_t>> tokens_;  // emitted, not acknowledged -> publications
  std::uint64_t next_publication_ = 1;
  std::uint64_t next_token_ = 1;
  std::uint64_t events_ = 0;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // what planned calls look at
};

}  // namespace picket::pipe_server

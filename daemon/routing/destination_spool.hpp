// SPDX-License-Identifier: Apache-2.0
//
// The spool of a destination, as its files see it. For nobody else.
//
// Nobody who holds the destination's lock waits for the disk. Entries that are to be written lie in `arrived`; a *turn*
// on the spool's lane moves them to `writing`, writes them with the lock released, and takes the lock again to say what
// became of them. At most one turn is posted or runs at a time; the next begins with all that came meanwhile, so that
// one sync serves many batches.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "routing/destination.hpp"
#include "routing/spool/store.hpp"

namespace picket::routing {

struct Destination::Spooling {
  std::shared_ptr<platform::Lane> lane;  // that may wait for the disk
  std::filesystem::path folder;

  // Guarded by the destination's lock.
  Entries arrived;  // in order; before them in order is `writing`, and before that what is on disk
  Entries writing;
  std::uint64_t buffered_events = 0;  // of both; the ledger counts them as queued
  std::uint64_t buffered_bytes = 0;
  spool::StoreCount waiting;     // on disk alone
  std::uint64_t live_bytes = 0;  // on disk and not finished
  std::vector<std::uint64_t> released;
  std::uint64_t recovered_before = 0;  // serials below were written by an earlier life
  std::uint64_t lost_before = 0;       // events lost before the next that is loaded
  bool open = false;
  bool failing = false;         // the last writing failed
  bool reading_failed = false;  // the last loading failed
  bool backing_off = false;     // until then nothing is written
  bool scheduled = false;       // a turn is posted or running
  bool running = false;
  bool parked = false;  // closed, and all that can be kept is on disk
  std::int64_t back_off_ns = 0;
  platform::CallId retry = 0;
  std::string problem;

  // Of the turn that runs, or of close() when none does.
  std::unique_ptr<spool::SpoolStore> store;
};

// One turn: what it is to do, and what came of it.
struct Destination::Turn {
  Names* names = nullptr;
  std::vector<std::uint64_t> released;
  std::vector<spool::NewBatch> batches;  // as `writing`
  std::uint64_t load_bytes = 0;
  bool reads_only = false;            // the disk takes nothing at the moment
  std::uint64_t make_room_below = 0;  // drop the oldest until less than that is on disk; 0: drop none

  std::optional<Error> error;
  std::optional<Error> load_error;
  bool opened = false;
  bool written = false;
  std::vector<std::size_t> unfit;
  std::vector<spool::StoredBatch> loaded;
  std::uint64_t lost = 0;
  std::uint64_t dropped = 0;
  spool::StoreCount waiting;
  std::uint64_t live_bytes = 0;
  std::uint64_t next_ordinal = 0;
  std::vector<std::string> report;
};

}  // namespace picket::routing

// SPDX-License-Identifier: Apache-2.0
//
// Appends ticks to the hot file of one hour: one compressed row per tick, keyed by time. One thread, under the writer's
// lock. Throws SqlError and VersionError; after an error the object is only good for being destroyed.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "catalogue.hpp"
#include "codec/tick_codec.hpp"
#include "schema.hpp"

namespace picket::perf_database {

// A tick's key: nanoseconds into the hour, then a number that tells ticks of the same time apart.
inline constexpr unsigned kTickSequenceBits = 21;
// A reader finds a keyframe within this many rows of a run, and within this much time.
inline constexpr std::int64_t kKeyframeRows = 60;
inline constexpr std::int64_t kKeyframeSpan = 300'000'000'000;  // ns

class HotWriter {
 public:
  HotWriter(const std::filesystem::path& file, std::int64_t hour_ns);

  // Between begin() and commit(): adds a tick of this hour. Nothing is ever overwritten: a tick of a time that is there
  // already gets the next free key, and one that goes back in time opens a new run.
  void append(std::int64_t time_ns, std::span<const Sample> samples, const Catalogue& catalogue);

  void begin();
  // To the operating system; makes the samples visible to readers.
  void commit();
  // To the device, with all that was committed before. Nothing to do when nothing is new.
  void sync();
  // The file is about to be sealed and removed: when this object goes, what is in the write-ahead log stays there,
  // since copying it into the file would write it to the device a second time. Readers see it all the same.
  void leave_log();

  const std::filesystem::path& file() const { return database_.file(); }
  std::int64_t hour_ns() const { return hour_ns_; }

 private:
  // Ticks of one layout, each the difference from the one before.
  struct Chain {
    std::int64_t layout = 0;  // row of the table layout
    std::vector<SeriesId> series;
    std::int64_t run = 0;
    std::int64_t frame = 0;  // rows since the keyframe
    std::int64_t keyframe_ns = 0;
    std::int64_t last_ns = 0;
    std::uint64_t last_used = 0;
    std::vector<std::uint64_t> values;  // of the tick before; empty: a keyframe must come
  };

  Chain& chain_for(std::span<const Sample> samples, const Catalogue& catalogue);
  void store_layout(Chain& chain, const Catalogue& catalogue);
  std::int64_t free_key(std::int64_t time_ns);

  Database database_;
  const std::int64_t hour_ns_;
  Statement insert_tick_;
  Statement last_key_;
  TickEncoder encoder_;
  std::optional<Transaction> transaction_;
  std::multimap<std::uint64_t, Chain> chains_;  // by hash of the layout
  std::vector<bool> described_;                 // by series id: the identity is in this file
  std::int64_t next_run_;
  std::uint64_t uses_ = 0;
  bool dirty_ = false;
  std::vector<std::uint64_t> words_;
  Bytes block_;
};

// The list of series ids of a layout, as stored.
Bytes encode_layout(std::span<const SeriesId> series);
// False when damaged; never more than kMaxTick entries.
bool decode_layout(ByteView block, std::vector<SeriesId>& series);

}  // namespace picket::perf_database

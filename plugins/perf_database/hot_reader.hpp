// SPDX-License-Identifier: Apache-2.0
//
// Reads a hot file while it is written, or after. Holds one read transaction for its whole life: keep it short, since
// the write-ahead log cannot shrink meanwhile. One thread. Throws SqlError; DamageError when rows cannot be decoded.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <vector>

#include "codec/tick_codec.hpp"
#include "hot_writer.hpp"

namespace picket::perf_database {

// Where the series that somebody wants are in a layout. Worked out once for each layout.
class Picks {
 public:
  struct Pick {
    std::uint32_t position;  // in the layout
    std::uint32_t slot;      // in the list of wanted series
  };

  // REQUIRES: `wanted` ascending; borrowed
  explicit Picks(std::span<const SeriesId> wanted) : wanted_(wanted) {}

  // By the layout's address: layouts must stay where they are.
  const std::vector<Pick>& of(std::span<const SeriesId> layout);

 private:
  std::span<const SeriesId> wanted_;
  std::map<const SeriesId*, std::vector<Pick>> known_;
  const SeriesId* last_ = nullptr;
  const std::vector<Pick>* last_picks_ = nullptr;
};

class HotReader {
 public:
  HotReader(const std::filesystem::path& file, std::int64_t hour_ns);

  using TickFn = std::function<void(std::int64_t time_ns, std::span<const SeriesId> series,
                                    std::span<const std::uint64_t> values)>;
  // Every tick in [from_ns, to_ns), ascending; `series` of one layout is the same memory each time, for the reader's
  // life. `picks` not null: decodes just the ticks that hold a series of them. What is damaged is left out, up to the
  // next keyframe; returns in how many places.
  std::size_t scan(std::int64_t from_ns, std::int64_t to_ns, Picks* picks, const TickFn& fn);

  // How many samples of each series there are, and when.
  struct Extent {
    std::uint64_t samples = 0;
    std::int64_t first_ns = 0;
    std::int64_t last_ns = 0;
  };
  std::map<SeriesId, Extent> extents();

  std::vector<std::pair<SeriesId, SeriesInfo>> series();

  const std::filesystem::path& file() const { return database_.file(); }

 private:
  static constexpr std::int64_t kNone = -1;     // no tick yet: what comes before the first keyframe is not missed
  static constexpr std::int64_t kDamaged = -2;  // skipping to the next keyframe, counted already
  struct Run {
    const std::vector<SeriesId>* series = nullptr;  // its layout
    bool wanted = true;
    std::int64_t frame = kNone;  // of the tick before
    std::vector<std::uint64_t> values;
  };
  std::map<std::int64_t, Run> load_runs(Picks* picks);

  Database database_;
  const std::int64_t hour_ns_;
  std::map<std::int64_t, std::vector<SeriesId>> layouts_;
  TickDecoder decoder_;
};

}  // namespace picket::perf_database

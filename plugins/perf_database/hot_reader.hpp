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

class HotReader {
 public:
  HotReader(const std::filesystem::path& file, std::int64_t hour_ns);

  using TickFn = std::function<void(std::int64_t time_ns, std::span<const SeriesId> series,
                                    std::span<const std::uint64_t> values)>;
  // Every tick in [from_ns, to_ns), ascending. `only` not 0: decodes just the ticks that hold this series. What is
  // damaged is left out, up to the next keyframe; returns in how many places.
  std::size_t scan(std::int64_t from_ns, std::int64_t to_ns, SeriesId only, const TickFn& fn);

  // How many samples of each series there are, and when.
  struct Extent {
    std::uint64_t samples = 0;
    std::int64_t first_ns = 0;
    std::int64_t last_ns = 0;
  };
  std::map<SeriesId, Extent> extents();

  std::vector<std::pair<SeriesId, SeriesInfo>> series();

 private:
  static constexpr std::int64_t kNone = -1;     // no tick yet: what comes before the first keyframe is not missed
  static constexpr std::int64_t kDamaged = -2;  // skipping to the next keyframe, counted already
  struct Run {
    std::vector<SeriesId> series;
    bool wanted = true;
    std::int64_t frame = kNone;  // of the tick before
    std::vector<std::uint64_t> values;
  };
  std::map<std::int64_t, Run> load_runs(SeriesId only);

  Database database_;
  const std::int64_t hour_ns_;
  TickDecoder decoder_;
};

}  // namespace picket::perf_database

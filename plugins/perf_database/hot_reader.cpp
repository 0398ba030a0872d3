// SPDX-License-Identifier: Apache-2.0
#include "hot_reader.hpp"

#include <algorithm>

#include "calendar.hpp"
#include "meta_store.hpp"

namespace picket::perf_database {

HotReader::HotReader(const std::filesystem::path& file, std::int64_t hour_ns)
    : database_(open_for_reading(file, FileKind::hot)), hour_ns_(hour_ns) {
  database_.execute("BEGIN");
  database_.number("SELECT commits FROM mark");  // the snapshot is taken by the first read
}

const std::vector<Picks::Pick>& Picks::of(std::span<const SeriesId> layout) {
  if (layout.data() == last_ && last_picks_ != nullptr) return *last_picks_;
  const auto [at, is_new] = known_.try_emplace(layout.data());
  if (is_new) {
    for (std::size_t i = 0; i < layout.size(); ++i) {
      const auto found = std::lower_bound(wanted_.begin(), wanted_.end(), layout[i]);
      if (found == wanted_.end() || *found != layout[i]) continue;
      at->second.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(found - wanted_.begin())});
    }
  }
  last_ = layout.data();
  last_picks_ = &at->second;
  return at->second;
}

std::map<std::int64_t, HotReader::Run> HotReader::load_runs(Picks* picks) {
  if (layouts_.empty()) {
    Statement rows = database_.prepare("SELECT id, series FROM layout");
    while (rows.step()) {
      std::vector<SeriesId> series;
      if (decode_layout(rows.blob(1), series)) layouts_.emplace(rows.integer(0), std::move(series));
    }
  }
  std::map<std::int64_t, Run> runs;
  Statement list = database_.prepare("SELECT id, layout FROM run");
  while (list.step()) {
    const auto layout = layouts_.find(list.integer(1));
    if (layout == layouts_.end()) continue;  // damaged: its ticks count
    Run& run = runs[list.integer(0)];
    run.series = &layout->second;
    run.wanted = picks == nullptr || !picks->of(*run.series).empty();
  }
  return runs;
}

std::size_t HotReader::scan(std::int64_t from_ns, std::int64_t to_ns, Picks* picks, const TickFn& fn) {
  std::map<std::int64_t, Run> runs = load_runs(picks);
  const std::int64_t from = std::max<std::int64_t>(from_ns - hour_ns_, 0);
  const std::int64_t to = std::min(to_ns - hour_ns_, kHour);
  if (to <= from) return 0;
  // The keyframe that the first wanted tick builds on lies at most one keyframe span before it.
  const std::int64_t start = std::max<std::int64_t>(from - kKeyframeSpan, 0);
  Statement rows = database_.prepare("SELECT id, run, frame, data FROM tick WHERE id >= ?1 AND id < ?2 ORDER BY id");
  rows.bind(1, start << kTickSequenceBits).bind(2, to << kTickSequenceBits);
  std::size_t damaged = 0;
  while (rows.step()) {
    const auto at = runs.find(rows.integer(1));
    if (at == runs.end()) {
      ++damaged;
      continue;
    }
    Run& run = at->second;
    if (!run.wanted) continue;
    const std::int64_t offset = rows.integer(0) >> kTickSequenceBits;
    const std::int64_t frame = rows.integer(2);
    if (frame == 0) {
      run.values.clear();
    } else if (frame != run.frame + 1 || run.frame < 0) {
      if (run.frame == kDamaged || (run.frame == kNone && offset < from)) continue;
      ++damaged;  // a tick is missing
      run.frame = kDamaged;
      continue;
    }
    if (!decoder_.decode(rows.blob(3), run.series->size(), run.values)) {
      ++damaged;
      run.frame = kDamaged;
      continue;
    }
    run.frame = frame;
    if (offset >= from) fn(hour_ns_ + offset, *run.series, run.values);
  }
  return damaged;
}

std::map<SeriesId, HotReader::Extent> HotReader::extents() {
  const std::map<std::int64_t, Run> runs = load_runs(nullptr);
  std::map<SeriesId, Extent> extents;
  Statement rows = database_.prepare("SELECT run, count(*), min(id), max(id) FROM tick GROUP BY run");
  while (rows.step()) {
    const auto run = runs.find(rows.integer(0));
    if (run == runs.end()) continue;
    const std::int64_t first = hour_ns_ + (rows.integer(2) >> kTickSequenceBits);
    const std::int64_t last = hour_ns_ + (rows.integer(3) >> kTickSequenceBits);
    for (const SeriesId id : *run->second.series) {
      const auto [at, is_new] = extents.try_emplace(id, Extent{0, first, last});
      at->second.samples += static_cast<std::uint64_t>(rows.integer(1));
      at->second.first_ns = std::min(at->second.first_ns, first);
      at->second.last_ns = std::max(at->second.last_ns, last);
    }
  }
  return extents;
}

std::vector<std::pair<SeriesId, SeriesInfo>> HotReader::series() {
  return load_series(database_);
}

}  // namespace picket::perf_database

// SPDX-License-Identifier: Apache-2.0
#include "history_reader.hpp"

#include <algorithm>
#include <map>

#include "files.hpp"
#include "hot_reader.hpp"
#include "raw_file.hpp"

namespace picket::perf_database {
namespace {

namespace fs = std::filesystem;

// Rows of the hour tier that one pass keeps in memory; more series are read in several passes.
constexpr std::int64_t kMaxRows = 1'000'000;
constexpr std::size_t kMaxSlots = 4'096;

Error no_history(const fs::path& directory) {
  return {path_text(directory) + ": there is no history here (no " + kMetaFile + ")", PICKET_NOT_FOUND};
}

}  // namespace

bool matches_glob(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return true;
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;  // the last one seen, and where its text began
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Result<void> HistoryReader::series(std::string_view name, const std::function<bool(const StoredSeries&)>& fn) const {
  std::vector<StoredSeries> found;
  try {
    if (!fs::exists(directory_ / kMetaFile)) return no_history(directory_);
    std::map<SeriesId, HotReader::Extent> hot;
    for (const HotPart& part : list_files(directory_).hot) {
      try {
        for (const auto& [id, extent] : HotReader(part.file, part.hour_ns).extents()) {
          const auto [at, is_new] = hot.emplace(id, extent);
          at->second.first_ns = std::min(at->second.first_ns, extent.first_ns);
          at->second.last_ns = std::max(at->second.last_ns, extent.last_ns);
        }
      } catch (const SqlError&) {
        continue;  // sealed meanwhile, or damaged: points() says so
      }
    }
    const Database meta = open_for_reading(directory_ / kMetaFile, FileKind::meta);
    Statement rows = meta.prepare(
        "SELECT id, host, source, name, attributes, unit, instrument, decimals, first_ns, last_ns FROM series "
        "ORDER BY name, source, attributes, host");
    while (rows.step()) {
      if (!matches_glob(rows.text(3), name)) continue;
      auto [id, info] = read_series(rows);
      StoredSeries series{id, std::move(info), rows.integer(8), rows.integer(9)};
      if (const auto at = hot.find(id); at != hot.end()) {
        series.first_ns = rows.is_null(8) ? at->second.first_ns : std::min(series.first_ns, at->second.first_ns);
        series.last_ns = std::max(series.last_ns, at->second.last_ns);
      }
      found.push_back(std::move(series));
    }
  } catch (const std::exception& error) {
    return Error{error.what()};
  }
  for (const StoredSeries& series : found) {
    if (!fn(series)) return Error{"the reader ended it", PICKET_CANCELLED};
  }
  return {};
}

Result<void> HistoryReader::points(SeriesId series, std::int64_t from_ns, std::int64_t to_ns, std::int64_t step_ns,
                                   const PointsFn& fn) const {
  bool exists = false;
  Result<void> read = points_of(
      {&series, 1}, {from_ns, to_ns, step_ns},
      [&](std::size_t, std::span<const picket_history_point> points) { return fn(points); }, &exists);
  if (read && !exists) {
    return Error{"series " + std::to_string(series) + " is not in " + path_text(directory_), PICKET_NOT_FOUND};
  }
  return read;
}

Result<void> HistoryReader::points_of(std::span<const SeriesId> series, RangeRead::Range range, const SlotPointsFn& fn,
                                      bool* any_exists) const {
  if (range.step_ns < 0) return Error{"a step must not be negative", PICKET_INVALID};
  // Nothing lies outside of these, and sums of days and weeks do not overflow within them.
  constexpr std::int64_t kEnd = kForever - 64 * kDay;
  range.from_ns = std::clamp<std::int64_t>(range.from_ns, 0, kEnd);
  range.to_ns = std::clamp<std::int64_t>(range.to_ns, 0, kEnd);
  // Each series once, and where it was asked for.
  std::map<SeriesId, std::vector<std::size_t>> wanted;
  for (std::size_t i = 0; i < series.size(); ++i) wanted[series[i]].push_back(i);
  std::vector<SeriesId> ids;
  ids.reserve(wanted.size());
  for (const auto& [id, places] : wanted) ids.push_back(id);
  try {
    if (!fs::exists(directory_ / kMetaFile)) return no_history(directory_);
    const std::size_t per_pass = slots_per_pass(range);
    for (std::size_t first = 0; first < ids.size(); first += per_pass) {
      const std::span<const SeriesId> some = std::span(ids).subspan(first, std::min(per_pass, ids.size() - first));
      const SlotPointsFn hand_on = [&](std::size_t slot, std::span<const picket_history_point> points) {
        const std::vector<std::size_t>& places = wanted.at(some[slot]);
        return std::all_of(places.begin(), places.end(), [&](std::size_t place) { return fn(place, points); });
      };
      RangeRead read(directory_, some, range, hand_on);
      if (Result<void> done = read.run(); !done) return done;
      for (std::size_t slot = 0; any_exists != nullptr && slot < some.size(); ++slot) {
        *any_exists = *any_exists || read.exists(slot);
      }
    }
  } catch (const std::exception& error) {
    return Error{error.what()};
  }
  return {};
}

std::size_t HistoryReader::slots_per_pass(const RangeRead::Range& range) const {
  const Database meta = open_for_reading(directory_ / kMetaFile, FileKind::meta);
  const std::int64_t first = std::max(range.from_ns, meta.number("SELECT min(time) FROM sealed_hour") * kSecond);
  const std::int64_t last = std::min(range.to_ns, meta.number("SELECT max(time) FROM sealed_hour") * kSecond);
  const std::int64_t hours = std::max<std::int64_t>((last - first) / kHour, 0) + 1;
  return std::clamp<std::size_t>(static_cast<std::size_t>(kMaxRows / hours), 1, kMaxSlots);
}

}  // namespace picket::perf_database

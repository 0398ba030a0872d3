// SPDX-License-Identifier: Apache-2.0
#include "wanted_series.hpp"

#include <algorithm>

#include "files.hpp"
#include "history_reader.hpp"
#include "meta_store.hpp"

namespace picket::perf_database::extension {

std::vector<WantedSeries> find_series(const std::filesystem::path& directory, const Question& question) {
  std::error_code unknown;
  if (!std::filesystem::exists(directory / kMetaFile, unknown)) {
    throw BadQuestion(path_text(directory) + ": there is no history here (no " + kMetaFile + ")");
  }
  const Database meta = open_for_reading(directory / kMetaFile, FileKind::meta);
  std::string sql =
      "SELECT id, host, source, name, attributes, unit, instrument, decimals, first_ns, last_ns FROM series";
  if (question.series) sql += " WHERE id = ?1";
  Statement rows = meta.prepare(sql + " ORDER BY name, source, attributes, host");
  if (question.series) rows.bind(1, std::int64_t{*question.series});
  std::vector<WantedSeries> found;
  while (rows.step()) {
    if (question.name && rows.text(3) != *question.name) continue;
    if (!matches_glob(rows.text(3), question.pattern)) continue;
    auto [id, info] = read_series(rows);
    found.push_back({id, std::move(info), rows.integer(8), rows.integer(9)});
  }
  return found;
}

Extent extent_of(const std::filesystem::path& directory, const std::vector<WantedSeries>& series) {
  std::int64_t first = kForever;
  std::int64_t last = 0;
  for (const WantedSeries& one : series) {
    if (one.first_ns != 0) first = std::min(first, one.first_ns);
    last = std::max(last, one.last_ns + 1);
  }
  const Listing listing = list_files(directory);
  if (!listing.hot.empty()) {
    first = std::min(first, listing.hot.front().hour_ns);
    last = std::max(last, listing.hot.back().hour_ns + kHour);
  }
  // A row of the day tier stands at its day's start.
  return first >= last ? Extent{} : Extent{floor_to(first, kDay), last};
}

}  // namespace picket::perf_database::extension

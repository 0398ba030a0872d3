// SPDX-License-Identifier: Apache-2.0
#include "current_hour.hpp"

#include <bit>
#include <set>

#include "hot_reader.hpp"

namespace picket::perf_database {

void CurrentHour::update(const Listing& listing, MetaStore& meta) {
  std::set<std::int64_t> hours;
  std::set<std::filesystem::path> files;
  for (const HotPart& part : listing.hot) {
    hours.insert(part.hour_ns);
    files.insert(part.file);
  }
  std::erase_if(sums_, [&](const auto& entry) { return !hours.contains(entry.first); });
  std::erase_if(read_until_, [&](const auto& entry) { return !files.contains(entry.first); });

  std::set<std::int64_t> changed;
  for (const HotPart& part : listing.hot) {
    std::int64_t& until = read_until_.try_emplace(part.file, part.hour_ns).first->second;
    std::map<SeriesId, Aggregate>& sums = sums_[part.hour_ns];
    HotReader reader(part.file, part.hour_ns);
    std::int64_t last = until - 1;
    reader.scan(until, part.hour_ns + kHour, nullptr,
                [&](std::int64_t time, std::span<const SeriesId> series, std::span<const std::uint64_t> values) {
                  for (std::size_t i = 0; i < series.size(); ++i) sums[series[i]].add(std::bit_cast<double>(values[i]));
                  last = time;
                });
    if (last >= until) changed.insert(part.hour_ns);
    until = last + 1;
  }
  std::vector<Bucket> rows;
  for (const std::int64_t hour : changed) {
    rows.clear();
    for (const auto& [series, sum] : sums_[hour]) rows.push_back({series, hour, sum});
    meta.put_hour_now(hour, rows);
  }
}

}  // namespace picket::perf_database

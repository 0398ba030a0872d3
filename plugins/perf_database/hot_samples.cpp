// SPDX-License-Identifier: Apache-2.0
#include "hot_samples.hpp"

#include <bit>

namespace picket::perf_database {

void HotSamples::open(const HotPart& part) {
  try {
    readers_[part.hour_ns].emplace_back(part.file, part.hour_ns);
  } catch (const SqlError& error) {
    if (readers_[part.hour_ns].empty()) readers_.erase(part.hour_ns);
    if (std::filesystem::exists(part.file)) problem_ = error.what();
  }
}

void HotSamples::load(const std::function<bool(std::int64_t hour_ns)>& has_sealed) {
  for (auto& [hour_ns, readers] : readers_) {
    Hour& hour = hours_[hour_ns];
    hour.samples.resize(series_.size());
    hour.buckets.resize(series_.size());
    hour.merge = has_sealed(hour_ns);
    // Several files of one hour have no order among each other.
    const bool alone = step_ > 0 && !hour.merge && readers.size() == 1;
    for (HotReader& reader : readers) {
      const std::size_t damaged = alone ? scan_buckets(reader, hour) : scan_samples(reader, hour);
      if (damaged != 0) problem_ = path_text(reader.file()) + ": is damaged in " + std::to_string(damaged) + " places";
    }
    readers.clear();
  }
  readers_.clear();
}

std::size_t HotSamples::scan_samples(HotReader& reader, Hour& hour) {
  Picks picks(series_);
  return reader.scan(from_, to_, &picks,
                     [&](std::int64_t time, std::span<const SeriesId> layout, std::span<const std::uint64_t> values) {
                       for (const Picks::Pick& pick : picks.of(layout)) {
                         hour.samples[pick.slot].push_back({time, std::bit_cast<double>(values[pick.position])});
                       }
                     });
}

std::size_t HotSamples::scan_buckets(HotReader& reader, Hour& hour) {
  Picks picks(series_);
  std::vector<OnceFilter> once(series_.size());
  std::int64_t start = 0;
  std::int64_t end = 0;
  return reader.scan(from_, to_, &picks,
                     [&](std::int64_t time, std::span<const SeriesId> layout, std::span<const std::uint64_t> values) {
                       if (time >= end || time < start) {
                         start = floor_to(time, step_);
                         end = step_ > kForever - start ? kForever : start + step_;
                       }
                       for (const Picks::Pick& pick : picks.of(layout)) {
                         const auto value = std::bit_cast<double>(values[pick.position]);
                         if (!once[pick.slot].is_new(time, value)) continue;
                         std::vector<Bucket>& buckets = hour.buckets[pick.slot];
                         if (buckets.empty() || buckets.back().start_ns != start) buckets.push_back({start, {}});
                         buckets.back().sum.add(value);
                       }
                     });
}

}  // namespace picket::perf_database

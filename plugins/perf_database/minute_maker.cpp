// SPDX-License-Identifier: Apache-2.0
//
// Works through the hours of a day for one group of series at a time: neighbours share a page of the raw partition, and
// memory stays bounded.
#include "minute_maker.hpp"

#include <algorithm>
#include <map>

#include "minute_file.hpp"
#include "raw_file.hpp"

namespace picket::perf_database {
namespace {

constexpr std::size_t kGroup = 128;  // series; their buckets take 128 * 1,440 * 48 bytes at most

struct DayInProgress {
  DayOfMinutes day;
  Aggregate bucket;
  std::int64_t bucket_ns = 0;
  std::optional<DayOfMinutes> before;  // the chunk that is there, read when an hour has no raw samples

  void close_bucket() {
    if (bucket.count != 0) {
      day.times.push_back(bucket_ns);
      day.columns.push_back(bucket);
    }
    bucket = {};
  }

  void add(std::span<const std::int64_t> times, std::span<const double> values) {
    for (std::size_t i = 0; i < times.size(); ++i) {
      if (times[i] >= bucket_ns + kMinute || times[i] < bucket_ns) {
        close_bucket();
        bucket_ns = floor_to(times[i], kMinute);
      }
      bucket.add(values[i]);
    }
  }

  void keep_hour(std::int64_t hour_ns) {
    if (!before) return;
    const auto from = std::lower_bound(before->times.begin(), before->times.end(), hour_ns);
    const auto to = std::lower_bound(from, before->times.end(), hour_ns + kHour);
    for (auto at = from; at != to; ++at) {
      day.times.push_back(*at);
      day.columns.push_back(before->columns.at(static_cast<std::size_t>(at - before->times.begin())));
    }
  }
};

}  // namespace

std::size_t make_minutes(const std::filesystem::path& directory, std::int64_t day_ns, std::int64_t raw_from_ns,
                         const StepHook& step) {
  const std::filesystem::path raw_file = directory / raw_file_name(day_ns);
  if (!std::filesystem::exists(raw_file)) return 0;  // what there is stays
  RawFile raw(raw_file, Open::existing);             // a read-only one would leave a log behind
  const std::vector<SeriesId> series = raw.series_in(day_ns, day_ns + kDay);
  if (series.empty()) return 0;
  std::map<SeriesId, SeriesInfo> infos;
  for (auto& [id, info] : raw.series()) infos.emplace(id, std::move(info));
  MinuteFile minutes(directory / minute_file_name(day_ns), Open::create);
  for (std::size_t from = 0; from < series.size(); from += kGroup) {
    const std::size_t to = std::min(series.size(), from + kGroup);
    std::vector<DayInProgress> group(to - from);
    for (std::size_t i = from; i < to; ++i) group[i - from].before = minutes.read(day_ns, series[i]);
    for (std::int64_t hour = day_ns; hour < day_ns + kDay; hour += kHour) {
      for (std::size_t i = from; i < to; ++i) {
        DayInProgress& one = group[i - from];
        const bool found =
            hour >= raw_from_ns && raw.read(hour, series[i], [&](auto times, auto values) { one.add(times, values); });
        one.close_bucket();
        if (!found) one.keep_hour(hour);
      }
    }
    minutes.begin();
    for (std::size_t i = from; i < to; ++i) {
      if (group[i - from].day.times.empty()) continue;  // nothing but NaN
      minutes.put(day_ns, series[i], infos[series[i]], group[i - from].day);
    }
    minutes.commit();
    step("minutes written");
  }
  minutes.drop_unused_times(day_ns);
  return series.size();
}

}  // namespace picket::perf_database

// SPDX-License-Identifier: Apache-2.0
#include "commands/series_collector.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace picket::commands {

SeriesCollector::SeriesCollector(CollectPlan& plan, bool rate)
    : plan_(plan),
      rate_(rate),
      weigh_(any_percentile(plan.stats)),
      maker_(rate, plan.read_step_ns, plan.range.to_ns),
      buckets_(plan.grid, rate, plan.keep_values && any_percentile(plan.stats),
               [this](const Value& bucket, WeightedValues& values) { accept(bucket, &values); }),
      last_time_(plan.range.from_ns),
      first_bucket_(plan.grid.start_of(plan.range.from_ns)) {
  part_.summary = Summary(rate);
}

bool SeriesCollector::add(const picket_history_point& point) {
  last_time_ = point.time_ns;
  const auto value = maker_.add(point);
  // What a rate needs from before the range is not shown.
  if (!value || value->time_ns < first_bucket_) return true;
  part_.coarse = part_.coarse || value->count > 1;
  if (weigh_) {
    weighed_.add(value->mean, weight_of(*value, rate_));
    ++plan_.weighed;
  }
  if (plan_.merge) {
    buckets_.add(*value);
  } else {
    accept(*value, nullptr);
  }
  return plan_.values <= kMaxQueryValues && plan_.weighed <= kMaxPercentileValues;
}

void SeriesCollector::accept(Value value, WeightedValues* bucket) {
  value.after_gap = gaps_.add(value.time_ns);
  part_.summary.add(value);
  if (!plan_.keep_values) return;
  if (plan_.comparison != nullptr) value.time_ns = plan_.grid.start_of(plan_.comparison->later(value.time_ns));
  // Where clocks were set back, two earlier buckets lie on one of now: the later one stands.
  const bool again = !part_.values.empty() && part_.values.back().time_ns >= value.time_ns;
  std::size_t percentiles = 0;
  for (const Stat& stat : plan_.stats) percentiles += stat.kind == StatKind::percentile ? 1 : 0;
  if (again) {
    value.time_ns = part_.values.back().time_ns;
    part_.values.pop_back();
    part_.percentiles.resize(part_.percentiles.size() - percentiles);
  } else {
    ++plan_.values;
  }
  part_.values.push_back(value);
  for (const Stat& stat : plan_.stats) {
    if (stat.kind != StatKind::percentile) continue;
    part_.percentiles.push_back(bucket != nullptr ? bucket->percentile(stat.percentile) : value.mean);
  }
}

Part SeriesCollector::finish() {
  buckets_.finish();
  if (!part_.summary.empty()) part_.stats = stats_of(part_.summary, plan_.stats, weighed_);
  plan_.weighed -= std::min(plan_.weighed, weighed_.size());
  weighed_ = {};
  return std::move(part_);
}

std::vector<double> stats_of(const Summary& summary, const std::vector<Stat>& stats, WeightedValues& values) {
  std::vector<double> result;
  for (const Stat& stat : stats) {
    switch (stat.kind) {
      case StatKind::last:
        result.push_back(summary.last());
        break;
      case StatKind::minimum:
        result.push_back(summary.minimum());
        break;
      case StatKind::mean:
        result.push_back(summary.mean());
        break;
      case StatKind::maximum:
        result.push_back(summary.maximum());
        break;
      case StatKind::count:
        result.push_back(static_cast<double>(summary.count()));
        break;
      case StatKind::sum:
        result.push_back(summary.sum());
        break;
      case StatKind::percentile:
        result.push_back(values.percentile(stat.percentile));
        break;
    }
  }
  return result;
}

double stat_of_value(const Part& part, std::size_t index, const std::vector<Stat>& stats, std::size_t stat) {
  const Value& value = part.values[index];
  switch (stats[stat].kind) {
    case StatKind::last:
      return value.last;
    case StatKind::minimum:
      return value.minimum;
    case StatKind::mean:
      return value.mean;
    case StatKind::maximum:
      return value.maximum;
    case StatKind::count:
      return static_cast<double>(value.count);
    case StatKind::sum:
      // Of a rate: its increase.
      return value.span_ns != 0 ? value.mean * static_cast<double>(value.span_ns) / 1e9
                                : value.mean * static_cast<double>(value.count);
    case StatKind::percentile:
      break;
  }
  std::size_t of_each = 0;
  std::size_t before = 0;
  for (std::size_t i = 0; i < stats.size(); ++i) {
    if (stats[i].kind != StatKind::percentile) continue;
    ++of_each;
    if (i < stat) ++before;
  }
  const std::size_t at = index * of_each + before;
  return at < part.percentiles.size() ? part.percentiles[at] : std::numeric_limits<double>::quiet_NaN();
}

std::int64_t gap_time(const Part& part, std::size_t index, const BucketGrid& grid) {
  const std::int64_t before = part.values[index - 1].time_ns;
  const std::int64_t after = part.values[index].time_ns;
  return grid.step_ns() == 0 ? before + (after - before) / 2 : std::min(grid.end_of(before), after);
}

}  // namespace picket::commands

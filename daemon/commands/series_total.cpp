// SPDX-License-Identifier: Apache-2.0
#include "commands/series_total.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "commands/series_collector.hpp"
#include "commands/series_select.hpp"

namespace picket::commands {
namespace {

// What the members show in one bucket.
struct Gathered {
  double mean = 0, last = 0;  // sums
  double minimum = INFINITY, maximum = -INFINITY;
  std::uint64_t samples = 0;
  std::size_t members = 0;

  void add(const Value& value, std::uint64_t count) {
    mean += value.mean;
    last += value.last;
    minimum = std::fmin(minimum, value.minimum);
    maximum = std::fmax(maximum, value.maximum);
    samples += count;
    ++members;
  }
};
using Buckets = std::map<std::int64_t, Gathered>;

Value total_of(const Gathered& bucket, TotalKind kind) {
  Value value;
  value.count = bucket.samples;
  if (kind == TotalKind::minimum || kind == TotalKind::maximum) {
    value.mean = kind == TotalKind::minimum ? bucket.minimum : bucket.maximum;
    value.last = value.mean;
  } else {
    const double parts = kind == TotalKind::mean ? static_cast<double>(bucket.members) : 1;
    value.mean = bucket.mean / parts;
    value.last = bucket.last / parts;
  }
  value.minimum = value.maximum = value.mean;
  return value;
}

class Total {
 public:
  Total(TotalKind kind, bool rate, const Answer& answer) : kind_(kind), rate_(rate), answer_(answer) {}

  // False when there are too many buckets to fill.
  bool add(const Part& part) {
    const BucketGrid& grid = answer_.grid;
    for (std::size_t i = 0; i < part.values.size(); ++i) {
      const Value& value = part.values[i];
      if (i > 0 && !value.after_gap) {
        const Value& held = rate_ ? value : part.values[i - 1];
        for (std::int64_t time = grid.end_of(part.values[i - 1].time_ns); time < value.time_ns;
             time = grid.end_of(time)) {
          buckets_[time].add(held, 0);
          if (++filled_ > kMaxQueryValues) return false;
        }
      }
      buckets_[value.time_ns].add(value, value.count);
    }
    return true;
  }

  Part finish(bool points) {
    Part part;
    part.summary = Summary(rate_);
    WeightedValues weighed;
    GapDetector gaps;
    for (const auto& [time, bucket] : buckets_) {
      Value value = total_of(bucket, kind_);
      value.time_ns = time;
      value.span_ns = rate_ ? answer_.grid.end_of(time) - time : 0;
      value.after_gap = gaps.add(time);
      Value once = value;
      once.count = 1;
      part.summary.add(once);
      weighed.add(value.mean, 1);
      if (points) part.values.push_back(value);
    }
    if (!part.summary.empty()) part.stats = stats_of(part.summary, answer_.stats, weighed);
    return part;
  }

 private:
  const TotalKind kind_;
  const bool rate_;
  const Answer& answer_;
  Buckets buckets_;
  std::size_t filled_ = 0;
};

// The series that stands for those with the same name and labels.
Series common_series(const Series& member, const std::vector<std::string>& by) {
  Series series;
  series.name = member.name;
  series.unit = member.unit;
  series.instrument = member.instrument;
  nlohmann::json attributes = nlohmann::json::object();
  for (const std::string& key : by) {
    if (key == "host") {
      series.host = member.host;
    } else if (key == "source") {
      series.source = member.source;
    } else {
      attributes[key] = label_of(member, key);
    }
  }
  series.attributes = attributes.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return series;
}

}  // namespace

Result<TotalKind> parse_total(const std::string& word) {
  if (word == "sum") return TotalKind::sum;
  if (word == "mean") return TotalKind::mean;
  if (word == "min") return TotalKind::minimum;
  if (word == "max") return TotalKind::maximum;
  return Error{"--total " + word + ": expected sum, mean, min or max", PICKET_INVALID};
}

Result<std::vector<Row>> total_rows(std::vector<Row> rows, TotalKind kind, const std::vector<std::string>& by,
                                    const Answer& answer, bool points) {
  struct Group {
    Row row;
    Total now, then;
  };
  std::vector<Group> groups;  // in the order of their first members
  std::map<std::vector<std::string>, std::size_t> known;
  const Error too_many{"more than " + std::to_string(kMaxQueryValues) +
                           " values to put together: ask for a larger --step or a shorter time",
                       PICKET_LIMIT};
  for (Row& row : rows) {
    Series series = common_series(row.series, by);
    const std::vector<std::string> key = {series.name, row.unit, series.host, series.source, series.attributes};
    const auto [at, is_new] = known.emplace(key, groups.size());
    if (is_new) {
      groups.push_back({Row{}, Total(kind, row.rate, answer), Total(kind, row.rate, answer)});
      groups.back().row.series = std::move(series);
      groups.back().row.rate = row.rate;
      groups.back().row.unit = row.unit;
      groups.back().row.members = 0;
    }
    Group& group = groups[at->second];
    ++group.row.members;
    if (!group.now.add(row.now) || (row.then && !group.then.add(*row.then))) return too_many;
    row.now = {};  // its memory is needed no more
    row.then.reset();
  }
  std::vector<Row> result;
  for (Group& group : groups) {
    group.row.now = group.now.finish(points);
    if (answer.comparison) group.row.then = group.then.finish(points);
    result.push_back(std::move(group.row));
  }
  return result;
}

}  // namespace picket::commands

// SPDX-License-Identifier: Apache-2.0
//
// From what was typed to a plan, from the plan to reads of the history, from their points to rows.
#include "commands/answer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <set>
#include <utility>

#include "commands/progress.hpp"
#include "commands/series_collector.hpp"
#include "commands/series_select.hpp"
#include "commands/series_total.hpp"
#include "picket/host.h"
#include "platform/clock.hpp"

namespace picket::commands {
namespace {

using platform::kDay;
using platform::kHour;
using platform::kMinute;

constexpr const char* kDefaultStats = "last,min,mean,max,count";
constexpr std::int64_t kTotalPoints = 240;       // of a total whose values are not shown
constexpr std::int64_t kMostFinePoints = 3'000;  // read of a series to know how a rate varies within its buckets

// Everything that can be wrong with the words, found before anything is read.
struct Asked {
  Selection selection;
  std::optional<TotalKind> total;
  std::optional<Stat> sort;
};

Result<Asked> understand(const Question& question, Answer& answer, std::int64_t now_ns) {
  Asked asked;
  auto labels = parse_labels(question.labels);
  if (!labels) return labels.error();
  asked.selection = {question.names, std::move(*labels), question.limit};
  const auto range = resolve_range(question.range, now_ns, *answer.zone);
  if (!range) return range.error();
  answer.range = *range;
  auto stats = parse_stats(question.stats.value_or(kDefaultStats));
  if (!stats) return Error{"--stat: " + stats.error().message, PICKET_INVALID};
  answer.stats = std::move(*stats);
  answer.stats_given = question.stats.has_value();
  if (question.compare) {
    auto comparison = Comparison::parse(*question.compare, *answer.zone);
    if (!comparison) return comparison.error();
    answer.comparison = std::move(*comparison);
  }
  if (question.total || !question.by.empty()) {
    const auto total = parse_total(question.total.value_or("sum"));
    if (!total) return total.error();
    asked.total = *total;
    answer.totals = true;
    if (question.points && any_percentile(answer.stats)) {
      return Error{"--stat: percentiles over time are of single series; leave out --points or --total", PICKET_INVALID};
    }
  }
  const std::string sort = question.sort.value_or(question.top != 0 ? "mean" : "name");
  if (sort != "name") {
    auto stat = parse_stat(sort);
    if (!stat) return Error{"--sort: " + stat.error().message + ", or name", PICKET_INVALID};
    const auto same = [&](const Stat& each) { return each.name == stat->name; };
    if (stat->kind == StatKind::percentile && std::none_of(answer.stats.begin(), answer.stats.end(), same)) {
      return Error{"--sort " + sort + ": name it in --stat, too", PICKET_INVALID};
    }
    asked.sort = std::move(*stat);
  }
  return asked;
}

// A label that no series has would make one group of them all, without a word. No error when nothing is wrong.
std::optional<Error> unknown_label(const std::vector<std::string>& by, const std::vector<Series>& series) {
  constexpr std::size_t kMostShown = 30;
  if (by.empty() || series.empty()) return std::nullopt;
  const std::set<std::string> labels = labels_of(series);
  const auto unknown = std::find_if(by.begin(), by.end(), [&](const auto& key) { return !labels.contains(key); });
  if (unknown == by.end()) return std::nullopt;
  std::string list;
  std::size_t shown = 0;
  for (const std::string& label : labels) {
    if (++shown > kMostShown) break;
    list += (list.empty() ? "" : ", ") + label;
  }
  if (labels.size() > kMostShown) list += ", ...";
  return Error{"--by " + *unknown + ": no series that matches has this label; they have " + list, PICKET_INVALID};
}

// Without --step: every sample of a short time, and for a long one the coarsest tier that still shows its shape.
Result<std::int64_t> choose_step(const Question& question, const Answer& answer) {
  if (question.step) {
    auto step = parse_step(*question.step);
    if (step && *step == 0 && answer.totals) {
      return Error{"--step 0: series can be put together within buckets only; give the step of their samples or more",
                   PICKET_INVALID};
    }
    return step;
  }
  if (question.points) return round_step(answer.range, question.wanted_points);
  if (answer.totals) return round_step(answer.range, kTotalPoints);
  // Percentiles are those of samples.
  if (any_percentile(answer.stats)) return 0;
  if (answer.range.length_ns() <= kHour) return 0;
  return answer.range.length_ns() <= 7 * kDay ? kMinute : kHour;
}

// The step to ask the store for: finer than the grid's where that is needed for what its buckets show.
std::int64_t choose_read_step(const Question& question, const Answer& answer, bool rate) {
  if (question.points && any_percentile(answer.stats)) return 0;
  const std::int64_t step = answer.grid.store_step_ns(answer.range);
  if (!rate || !question.points) return step;
  // A counter's bucket holds where it was, not how fast it went: minimum and maximum of the rate need finer ones.
  for (const std::int64_t fine : {kMinute, 5 * kMinute, kHour}) {
    if (fine < step && step % fine == 0 && answer.range.length_ns() / fine <= kMostFinePoints) return fine;
  }
  return step;
}

bool is_rate(const Question& question, const Series& series) {
  return !question.raw && (question.rate || series.instrument == PICKET_INSTRUMENT_COUNTER);
}

// Reads the series, either the rates or the others, over one range into `parts`.
class RangeReader {
 public:
  RangeReader(const Question& question, const Answer& answer, const std::vector<Series>& series, History& history,
              std::function<void(double)> progress)
      : question_(question), answer_(answer), series_(series), history_(history), progress_(std::move(progress)) {}

  Result<void> read(const TimeRange& range, const Comparison* comparison, std::vector<Part>& parts) {
    parts.resize(series_.size());
    for (const bool rate : {false, true}) {
      if (auto read = read_some(range, comparison, rate, parts); !read) return read;
    }
    return {};
  }

  // What was left out of the points that were read; empty: nothing.
  const std::string& problem() const { return problem_; }

 private:
  Result<void> read_some(const TimeRange& range, const Comparison* comparison, bool rate, std::vector<Part>& parts) {
    std::vector<std::size_t> which;
    std::vector<std::uint64_t> ids;
    for (std::size_t i = 0; i < series_.size(); ++i) {
      if (is_rate(question_, series_[i]) != rate) continue;
      which.push_back(i);
      ids.push_back(series_[i].id);
    }
    if (ids.empty()) return {};
    CollectPlan plan;
    plan.range = range;
    plan.grid = answer_.grid;
    plan.read_step_ns = choose_read_step(question_, answer_, rate);
    plan.merge = plan.read_step_ns != plan.grid.step_ns();
    plan.keep_values = question_.points || answer_.totals;
    plan.stats = answer_.stats;
    plan.comparison = comparison;
    plan.values = values_;
    std::deque<SeriesCollector> collectors;
    for (std::size_t i = 0; i < ids.size(); ++i) collectors.emplace_back(plan, rate);

    const std::int64_t from = rate ? before(plan) : range.from_ns;
    const double whole = static_cast<double>(range.to_ns - from) * static_cast<double>(series_.size());
    bool within_limits = true;
    bool any = false;
    const auto take = [&](std::size_t index, std::span<const picket_history_point> points) {
      SeriesCollector& collector = collectors[index];
      any = any || !points.empty();
      const std::int64_t was = collector.last_time_ns();
      for (const picket_history_point& point : points) within_limits = within_limits && collector.add(point);
      done_ += static_cast<double>(collector.last_time_ns() - was) / whole;
      progress_(done_);
      return within_limits;
    };
    const auto read = history_.points_of(ids, from, range.to_ns, plan.read_step_ns, take);
    if (!read && !any) return read.error();
    if (!read && problem_.empty()) problem_ = read.error().message;
    if (!within_limits) return too_many(plan);
    for (std::size_t i = 0; i < which.size(); ++i) parts[which[i]] = collectors[i].finish();
    values_ = plan.values;
    return {};
  }

  // A rate needs what the counter showed before: one bucket, or the samples of a minute.
  static std::int64_t before(const CollectPlan& plan) {
    const std::int64_t start = plan.grid.start_of(plan.range.from_ns);
    return std::max<std::int64_t>(0, start - (plan.read_step_ns == 0 ? kMinute : plan.read_step_ns));
  }

  Error too_many(const CollectPlan& plan) const {
    if (plan.values > kMaxQueryValues) {
      return Error{"more than " + std::to_string(kMaxQueryValues) +
                       " values: ask for a larger --step, a shorter time or fewer series",
                   PICKET_LIMIT};
    }
    return Error{"percentiles of more than " + std::to_string(kMaxPercentileValues) +
                     " values: ask for a --step (they are then of its buckets), a shorter time or fewer series",
                 PICKET_LIMIT};
  }

  const Question& question_;
  const Answer& answer_;
  const std::vector<Series>& series_;
  History& history_;
  const std::function<void(double)> progress_;
  std::string problem_;
  double done_ = 0;
  std::size_t values_ = 0;
};

double rank_of(const Row& row, const Stat& stat, const std::vector<Stat>& stats) {
  const Part& part = row.now.summary.empty() && row.then ? *row.then : row.now;
  for (std::size_t i = 0; i < stats.size(); ++i) {
    if (stats[i].name == stat.name) return part.stats[i];
  }
  WeightedValues none;  // percentiles are among the statistics
  return stats_of(part.summary, {stat}, none).front();
}

void order(std::vector<Row>& rows, const std::optional<Stat>& sort, const Question& question,
           const std::vector<Stat>& stats) {
  if (sort) {
    // Largest first; what is no number last.
    std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
      const double first = rank_of(a, *sort, stats);
      const double second = rank_of(b, *sort, stats);
      return !std::isnan(first) && (std::isnan(second) || first > second);
    });
  }
  if (question.top != 0 && rows.size() > question.top) rows.resize(question.top);
  if (question.reverse) std::reverse(rows.begin(), rows.end());
}

}  // namespace

Result<Answer> ask(const Question& question, History& history, const Surroundings& surroundings) {
  Answer answer;
  answer.zone = question.utc ? &platform::utc_zone() : &surroundings.zone;
  const auto asked = understand(question, answer, surroundings.clock.wall_ns());
  if (!asked) return asked.error();
  const auto step = choose_step(question, answer);
  if (!step) return step.error();
  answer.grid = BucketGrid(*step, *answer.zone);
  answer.read_step_ns = choose_read_step(question, answer, false);
  const auto found = find_series(asked->selection, history);
  if (!found) return found.error();
  answer.any_series = !found->empty();
  if (const auto unknown = unknown_label(question.by, *found)) return *unknown;

  Progress progress(surroundings.clock, surroundings.err, surroundings.terminal.error_interactive);
  const double ranges = answer.comparison ? 2 : 1;
  RangeReader reader(question, answer, *found, history, [&](double part) { progress.update(part / ranges); });
  std::vector<Part> now;
  std::vector<Part> then;
  if (auto read = reader.read(answer.range, nullptr, now); !read) return read.error();
  if (answer.comparison) {
    const Comparison& comparison = *answer.comparison;
    if (auto read = reader.read(comparison.earlier(answer.range), &comparison, then); !read) return read.error();
  }
  progress.finish();
  answer.problem = reader.problem();
  for (std::size_t i = 0; i < found->size(); ++i) {
    const bool earlier = answer.comparison && !then[i].summary.empty();
    if (now[i].summary.empty() && !earlier) continue;
    Row row;
    row.series = (*found)[i];
    row.rate = is_rate(question, row.series);
    row.unit = shown_unit(row.series.unit, row.rate);
    row.now = std::move(now[i]);
    if (answer.comparison) row.then = std::move(then[i]);
    answer.rows.push_back(std::move(row));
  }
  if (asked->total) {
    auto totals = total_rows(std::move(answer.rows), *asked->total, question.by, answer, question.points);
    if (!totals) return totals.error();
    answer.rows = std::move(*totals);
  }
  order(answer.rows, asked->sort, question, answer.stats);
  return answer;
}

}  // namespace picket::commands

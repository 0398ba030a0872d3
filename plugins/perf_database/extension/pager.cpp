// SPDX-License-Identifier: Apache-2.0
#include "pager.hpp"

#include <algorithm>
#include <cmath>

#include "calendar.hpp"

namespace picket::perf_database::extension {
namespace {

constexpr std::int64_t kShortest = kSecond / 1'000;
constexpr std::int64_t kLongest = 100 * 366 * kDay;
constexpr std::int64_t kEnd = kForever - 2 * kWeek;  // HistoryReader's own
// A stretch that fills less than this part of the room is followed by a longer one.
constexpr std::size_t kLittle = 16;

// A value that fell begins again from zero; in a bucket, after the peak that it shows unless that is its last value.
double increase(const Row& row, double before) {
  if (row.minimum >= before) return row.last - before;
  const double until_restart = row.maximum > row.last ? std::max(row.maximum - before, 0.0) : 0;
  return until_restart + row.last;
}

}  // namespace

double RateMaker::add(const Row& row) {
  double rate = std::numeric_limits<double>::quiet_NaN();
  if (!std::isfinite(row.last)) return rate;
  const std::int64_t passed = row.time_ns - time_ns_;
  if (started_ && passed > 0) {
    rate = increase(row, last_) / (static_cast<double>(passed) / static_cast<double>(kSecond));
  }
  started_ = true;
  time_ns_ = row.time_ns;
  last_ = row.last;
  return rate;
}

Pager::Pager(HistoryReader reader, std::vector<Series> series, std::int64_t from_ns, std::int64_t to_ns,
             std::int64_t step_ns, PagerLimits limits)
    : reader_(std::move(reader)),
      from_(std::clamp<std::int64_t>(from_ns, 0, kEnd)),
      to_(std::clamp<std::int64_t>(to_ns, 0, kEnd)),
      step_(step_ns),
      limits_(limits) {
  for (const Series& one : series) {
    ids_.push_back(one.id);
    is_counter_.push_back(one.is_counter);
  }
  rates_.resize(ids_.size());
  if (ids_.empty()) from_ = to_;
  // As if there were one row of each series in each step, or each second.
  const double per_row =
      static_cast<double>(step_ > 0 ? step_ : kSecond) / static_cast<double>(std::max<std::size_t>(ids_.size(), 1));
  const auto long_enough_for = [&](std::size_t rows) {
    const double span = per_row * static_cast<double>(rows);
    return span < static_cast<double>(kLongest) ? static_cast<std::int64_t>(span) : kLongest;
  };
  // Samples are stored by the hour, so less than an hour costs as much as one.
  span_ = std::min(std::max(long_enough_for(limits_.first_rows), kHour), long_enough_for(limits_.max_rows));
  span_ = std::max({span_, step_, kShortest});
}

const Row* Pager::next() {
  if (at_ == rows_.size()) fill();
  return at_ < rows_.size() ? &rows_[at_++] : nullptr;
}

std::int64_t Pager::end_of_stretch() const {
  if (span_ >= to_ - from_) return to_;
  std::int64_t end = from_ + span_;
  if (span_ >= kHour && (step_ == 0 || kHour % step_ == 0)) {
    end = floor_to(end, kHour);
  } else if (step_ > 0) {
    end = floor_to(end, step_);
    if (end <= from_) end += step_;
  }
  return std::min(end, to_);
}

void Pager::read(std::int64_t end) {
  const bool can_shrink = span_ > std::max(step_, kShortest);
  const Result<void> result = reader_.points_of(
      ids_, {from_, end, step_}, [&](std::size_t index, std::span<const picket_history_point> points) {
        if (can_shrink && rows_.size() + points.size() > limits_.max_rows) {
          too_much_ = true;
          return false;
        }
        for (const picket_history_point& point : points) {
          rows_.push_back({point.time_ns, static_cast<std::uint32_t>(index), point.minimum, point.maximum, point.mean,
                           point.last, point.count});
        }
        return true;
      });
  if (!result && result.error().status != PICKET_CANCELLED && problem_.empty()) problem_ = result.error().message;
}

void Pager::adapt(bool too_much) {
  if (too_much) {
    span_ = std::max({span_ / 8, step_, kShortest});
  } else if (rows_.size() * kLittle < limits_.max_rows) {
    const std::int64_t factor = rows_.empty() ? 16 : 4;
    span_ = span_ > kLongest / factor ? kLongest : span_ * factor;
  } else if (rows_.size() > limits_.max_rows / 2) {
    span_ = std::max({span_ / 2, step_, kShortest});
  }
}

void Pager::fill() {
  rows_.clear();
  at_ = 0;
  while (rows_.empty() && from_ < to_) {
    const std::int64_t end = end_of_stretch();
    too_much_ = false;
    read(end);
    adapt(too_much_);
    if (too_much_) {
      rows_.clear();
    } else {
      from_ = end;
    }
  }
  if (ids_.size() > 1) {
    std::stable_sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) {
      return a.time_ns != b.time_ns ? a.time_ns < b.time_ns : a.index < b.index;
    });
  }
  for (Row& row : rows_) {
    if (is_counter_[row.index]) row.rate = rates_[row.index].add(row);
  }
}

}  // namespace picket::perf_database::extension

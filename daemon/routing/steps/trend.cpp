// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/trend.hpp"

#include <algorithm>

namespace picket::routing {
namespace {

constexpr double kSecondsPerNs = 1e-9;

std::int64_t floor_divide(std::int64_t number, std::int64_t by) {
  return number / by - (number % by < 0 ? 1 : 0);
}

}  // namespace

void Moments::merge(const Moments& other) {
  if (other.count == 0) return;
  const double both = count + other.count;
  const double time_apart = other.mean_time - mean_time;
  const double value_apart = other.mean_value - mean_value;
  const double weight = count * other.count / both;
  time_time += other.time_time + time_apart * time_apart * weight;
  time_value += other.time_value + time_apart * value_apart * weight;
  value_value += other.value_value + value_apart * value_apart * weight;
  mean_time += time_apart * other.count / both;
  mean_value += value_apart * other.count / both;
  count = both;
}

void Trend::add(std::int64_t window, std::int64_t time_ns, double value) {
  const std::int64_t number = floor_divide(time_ns, window / kSlots);
  if (newest_slot_ == INT64_MIN || number <= newest_slot_ - 2 * kSlots || number >= newest_slot_ + kSlots) {
    *this = Trend();
    origin_ = time_ns;
    newest_ = time_ns;
    newest_slot_ = number;
  }
  if (number <= newest_slot_ - kSlots) return;
  Slot& slot = slots_[static_cast<std::size_t>(number - floor_divide(number, kSlots) * kSlots)];
  if (slot.number != number) slot = {number, {}};
  slot.moments.merge({1, static_cast<double>(time_ns - origin_) * kSecondsPerNs, value, 0, 0, 0});
  if (number != newest_slot_) {
    newest_slot_ = std::max(newest_slot_, number);
    sum_older();
  }
  newest_ = std::max(newest_, time_ns);
}

// From the oldest slot on. Slots that no point fell into still hold what left the window.
void Trend::sum_older() {
  older_ = {};
  oldest_time_ = 0;
  for (std::int64_t number = newest_slot_ - kSlots + 1; number < newest_slot_; ++number) {
    const Slot& slot = slots_[static_cast<std::size_t>(number - floor_divide(number, kSlots) * kSlots)];
    if (slot.number != number) continue;
    if (older_.count == 0) oldest_time_ = slot.moments.mean_time;
    older_.merge(slot.moments);
  }
}

TrendFit Trend::fit() const {
  TrendFit fit;
  if (newest_slot_ == INT64_MIN) return fit;
  Moments all = older_;
  const Slot& newest = slots_[static_cast<std::size_t>(newest_slot_ - floor_divide(newest_slot_, kSlots) * kSlots)];
  all.merge(newest.moments);
  const double now = static_cast<double>(newest_ - origin_) * kSecondsPerNs;
  fit.points = all.count;
  fit.span = older_.count == 0 ? 0 : now - oldest_time_;
  if (all.time_time > 0) fit.slope = all.time_value / all.time_time;
  fit.value = all.mean_value + fit.slope * (now - all.mean_time);
  const double spread = all.time_time * all.value_value;
  fit.confidence = spread > 0 ? std::min(1.0, all.time_value * all.time_value / spread) : 1;
  return fit;
}

}  // namespace picket::routing

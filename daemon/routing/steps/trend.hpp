// SPDX-License-Identifier: Apache-2.0
//
// The straight line through the points of a sliding window (least squares), in constant memory: the window is parted
// into slots of which only the moments are kept, and whole slots leave it. Used by `forecast`, one for each group.
#pragma once

#include <array>
#include <cstdint>

namespace picket::routing {

// Number, means and centred sums of points (time in seconds, value); two of them merge exactly (Chan, Golub, LeVeque:
// "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", 1979).
struct Moments {
  double count = 0;
  double mean_time = 0;
  double mean_value = 0;
  double time_time = 0;    // sum of squared distances from the mean time
  double time_value = 0;   // sum of products of the distances
  double value_value = 0;  // likewise of the values

  void merge(const Moments& other);
};

// What the points say at the time of the newest one.
struct TrendFit {
  double points = 0;
  double span = 0;        // seconds between the oldest slot's mean and the newest point
  double slope = 0;       // per second
  double value = 0;       // of the line, at the newest point
  double confidence = 0;  // coefficient of determination (r squared), 0 to 1; 1 for a constant
};

class Trend {
 public:
  static constexpr std::int64_t kSlots = 32;

  // `window` in ns, at least kSlots. `value` is finite. A point older than the window is left out; one that is older by
  // another window means that the clock was set back, and begins anew.
  void add(std::int64_t window, std::int64_t time_ns, double value);

  TrendFit fit() const;

 private:
  struct Slot {
    std::int64_t number = INT64_MIN;  // time divided by a slot's length
    Moments moments;
  };

  void sum_older();

  std::int64_t origin_ = 0;  // UTC ns; times are taken from here, so that doubles are fine enough
  std::int64_t newest_ = 0;  // UTC ns
  std::int64_t newest_slot_ = INT64_MIN;
  Moments older_;           // of all slots of the window but the newest
  double oldest_time_ = 0;  // mean of the oldest of them, seconds from the origin
  std::array<Slot, kSlots> slots_ = {};
};

}  // namespace picket::routing

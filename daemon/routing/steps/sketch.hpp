// SPDX-License-Identifier: Apache-2.0
//
// Percentiles of many numbers in little memory: a DDSketch (Masson, Rim, Lee: "DDSketch: A Fast and Fully-Mergeable
// Quantile Sketch with Relative-Error Guarantees", PVLDB 12(12), 2019). Numbers are counted in buckets whose bounds
// grow by a constant factor, so that the middle of a bucket is within a relative error of each number in it. Used by
// `aggregate`, one for each group and window.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace picket::routing {

// What all sketches of a step share.
struct SketchShape {
  static constexpr double kLeastError = 0.002;
  static constexpr double kLargestError = 0.1;
  // Numbers closer to zero than this count as zero.
  static constexpr double kSmallest = 1e-300;

  // `relative_error` between the two above; `most_buckets`, 16 to 4,096, are what one sketch may use: beyond them the
  // two buckets of the smallest numbers become one, so that only low percentiles of very wide data lose their bound.
  SketchShape(double relative_error, std::uint32_t most_buckets);

  // The bucket of a finite number: negative ones below 0, zero 0, positive ones above.
  std::int32_t bucket_of(double value) const;
  // The number that stands for a bucket.
  double value_of(std::int32_t bucket) const;

  std::uint32_t max_buckets;

 private:
  double gamma_;              // bounds of neighbouring buckets differ by this factor
  double logarithms_per_ln_;  // 1 / ln(gamma)
  std::int32_t lowest_;       // what makes the exponent of kSmallest 1
};

// Buckets that are not empty, sorted: 4 bytes each until one holds more than 4,095 numbers, then 8.
class Sketch {
 public:
  // `value` is finite.
  void add(const SketchShape& shape, double value);

  // The number of rank floor(q * (n - 1)) among the n added ones in ascending order, within the relative error of the
  // shape. `q` is 0 to 1. REQUIRES: count() > 0
  double quantile(const SketchShape& shape, double q) const;

  std::uint64_t count() const;
  std::uint32_t buckets() const { return size_; }
  std::size_t bytes() const;  // on the heap

 private:
  template <typename Word>
  bool add_to(const SketchShape& shape, std::int32_t bucket);
  template <typename Word>
  double quantile_of(const SketchShape& shape, double q) const;
  template <typename Word>
  std::uint64_t count_of() const;
  template <typename Word>
  Word* words() const;
  void reserve(std::uint32_t capacity, std::size_t word_size);
  void widen();

  std::unique_ptr<std::byte[]> memory_;
  std::uint16_t size_ = 0;
  std::uint16_t capacity_ = 0;
  bool wide_ = false;
};

}  // namespace picket::routing

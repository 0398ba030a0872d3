// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/sketch.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace picket::routing {
namespace {

// A bucket and its count in one word, the bucket above, so that words sort by bucket.
constexpr std::int32_t kBias = 1 << 19;  // makes every bucket of every shape a positive number of 20 bits

template <typename Word>
constexpr unsigned kCountBits = sizeof(Word) * 8 - 20;
template <typename Word>
constexpr Word kMostCounted = (Word{1} << kCountBits<Word>)-1;

template <typename Word>
Word make_word(std::int32_t bucket, Word count) {
  return (static_cast<Word>(bucket + kBias) << kCountBits<Word>) | count;
}
template <typename Word>
std::int32_t bucket_in(Word word) {
  return static_cast<std::int32_t>(word >> kCountBits<Word>) - kBias;
}
template <typename Word>
Word count_in(Word word) {
  return word & kMostCounted<Word>;
}

}  // namespace

SketchShape::SketchShape(double relative_error, std::uint32_t most_buckets)
    : max_buckets(most_buckets),
      gamma_((1 + relative_error) / (1 - relative_error)),
      logarithms_per_ln_(1 / std::log(gamma_)),
      lowest_(static_cast<std::int32_t>(std::floor(std::log(kSmallest) * logarithms_per_ln_))) {}

std::int32_t SketchShape::bucket_of(double value) const {
  const double size = std::fabs(value);
  if (size < kSmallest) return 0;
  const auto exponent = static_cast<std::int32_t>(std::ceil(std::log(size) * logarithms_per_ln_));
  const std::int32_t bucket = exponent - lowest_ + 1;
  return value < 0 ? -bucket : bucket;
}

// Bucket i holds (gamma^(i-1), gamma^i]; 2 gamma^i / (gamma + 1) is equally far, relatively, from both bounds. The
// bounds of the last bucket are beyond the largest double.
double SketchShape::value_of(std::int32_t bucket) const {
  if (bucket == 0) return 0;
  const std::int32_t exponent = std::abs(bucket) - 1 + lowest_;
  const double size = std::exp(exponent / logarithms_per_ln_ - std::log((gamma_ + 1) / 2));
  const double finite = std::min(size, std::numeric_limits<double>::max());
  return bucket < 0 ? -finite : finite;
}

template <typename Word>
Word* Sketch::words() const {
  return reinterpret_cast<Word*>(memory_.get());
}

void Sketch::reserve(std::uint32_t capacity, std::size_t word_size) {
  auto larger = std::make_unique_for_overwrite<std::byte[]>(capacity * word_size);
  if (size_ != 0) std::memcpy(larger.get(), memory_.get(), size_ * word_size);
  memory_ = std::move(larger);
  capacity_ = static_cast<std::uint16_t>(capacity);
}

void Sketch::widen() {
  auto wide = std::make_unique_for_overwrite<std::byte[]>(capacity_ * sizeof(std::uint64_t));
  for (std::uint32_t i = 0; i < size_; ++i) {
    const auto word = words<std::uint32_t>()[i];
    reinterpret_cast<std::uint64_t*>(wide.get())[i] = make_word<std::uint64_t>(bucket_in(word), count_in(word));
  }
  memory_ = std::move(wide);
  wide_ = true;
}

void Sketch::add(const SketchShape& shape, double value) {
  const std::int32_t bucket = shape.bucket_of(value);
  if (!wide_) {
    if (add_to<std::uint32_t>(shape, bucket)) return;
    widen();
  }
  add_to<std::uint64_t>(shape, bucket);
}

// False when the bucket's count does not fit into a word.
template <typename Word>
bool Sketch::add_to(const SketchShape& shape, std::int32_t bucket) {
  Word* const begin = words<Word>();
  Word* found = std::lower_bound(begin, begin + size_, make_word<Word>(bucket, 0));
  if (found != begin + size_ && bucket_in(*found) == bucket) {
    if (count_in(*found) == kMostCounted<Word>) return false;
    ++*found;
    return true;
  }
  const auto place = static_cast<std::size_t>(found - begin);
  if (size_ != 0 && size_ == shape.max_buckets) {
    // Full: a number below all others joins the lowest bucket, else the two lowest make room.
    if (place == 0) {
      if (count_in(*begin) == kMostCounted<Word>) return false;
      ++*begin;
      return true;
    }
    if (count_in(begin[0]) + count_in(begin[1]) > kMostCounted<Word>) return false;
    begin[1] += count_in(begin[0]);
    std::memmove(begin, begin + 1, (place - 1) * sizeof(Word));
    begin[place - 1] = make_word<Word>(bucket, 1);
    return true;
  }
  if (size_ == capacity_) {
    reserve(std::min<std::uint32_t>(shape.max_buckets, std::max(4, capacity_ + capacity_ / 2)), sizeof(Word));
  }
  Word* const at = words<Word>() + place;
  std::memmove(at + 1, at, (size_ - place) * sizeof(Word));
  *at = make_word<Word>(bucket, 1);
  ++size_;
  return true;
}

template <typename Word>
std::uint64_t Sketch::count_of() const {
  std::uint64_t count = 0;
  for (std::uint32_t i = 0; i < size_; ++i) count += count_in(words<Word>()[i]);
  return count;
}

std::uint64_t Sketch::count() const {
  return wide_ ? count_of<std::uint64_t>() : count_of<std::uint32_t>();
}

template <typename Word>
double Sketch::quantile_of(const SketchShape& shape, double q) const {
  const auto rank = static_cast<std::uint64_t>(q * static_cast<double>(count_of<Word>() - 1));
  std::uint64_t below = 0;
  for (std::uint32_t i = 0; i + 1 < size_; ++i) {
    below += count_in(words<Word>()[i]);
    if (below > rank) return shape.value_of(bucket_in(words<Word>()[i]));
  }
  return shape.value_of(bucket_in(words<Word>()[size_ - 1]));
}

double Sketch::quantile(const SketchShape& shape, double q) const {
  return wide_ ? quantile_of<std::uint64_t>(shape, q) : quantile_of<std::uint32_t>(shape, q);
}

std::size_t Sketch::bytes() const {
  return capacity_ * (wide_ ? sizeof(std::uint64_t) : sizeof(std::uint32_t));
}

}  // namespace picket::routing

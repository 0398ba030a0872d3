// SPDX-License-Identifier: Apache-2.0
//
// Numbers of any width from 0 to 64 bits, packed lowest bit first into bytes. Beside bytes.hpp: the writer appends to
// a vector, the reader never goes past its end and remembers that somebody tried. Used by token_coder, on any thread.
#pragma once

#include <bit>

#include "bytes.hpp"

namespace picket::perf_database {

class BitWriter {
 public:
  // Appends to `out` from its next whole byte; `out` must outlive the writer.
  explicit BitWriter(Bytes& out) : out_(out) {}

  // REQUIRES: width <= 64, and value < 2^width
  void put(std::uint64_t value, unsigned width) {
    if (width > kHalf) {
      put(value & ((std::uint64_t{1} << kHalf) - 1), kHalf);
      value >>= kHalf;
      width -= kHalf;
    }
    pending_ |= value << filled_;
    for (filled_ += width; filled_ >= 8; filled_ -= 8, pending_ >>= 8U)
      out_.push_back(static_cast<std::uint8_t>(pending_));
  }

  // Elias gamma: as many zeros as the number has bits after its first, a one, and those bits. REQUIRES: value >= 1
  void put_gamma(std::uint64_t value) {
    const unsigned tail = 63U - static_cast<unsigned>(std::countl_zero(value | 1U));
    put(0, tail);
    put(1, 1);
    put(value ^ (std::uint64_t{1} << tail), tail);
  }

  // Fills the last byte with zeros.
  void flush() {
    if (filled_ > 0) out_.push_back(static_cast<std::uint8_t>(pending_));
    pending_ = 0;
    filled_ = 0;
  }

 private:
  static constexpr unsigned kHalf = 32;  // with at most 7 bits pending, this many more always fit

  Bytes& out_;
  std::uint64_t pending_ = 0;
  unsigned filled_ = 0;
};

// After any read past the end, ok() is false and reads give zeros.
class BitReader {
 public:
  explicit BitReader(ByteView bytes) : bytes_(bytes) {}

  // REQUIRES: width <= 64
  std::uint64_t get(unsigned width) {
    if (width <= filled_) return take(width);
    refill();
    if (width <= filled_) return take(width);
    const unsigned low = filled_;
    const std::uint64_t first = take(low);
    refill();
    if (width - low > filled_) {
      ok_ = false;
      return 0;
    }
    return first | take(width - low) << low;
  }

  // 0 when there is none, which no gamma code means.
  std::uint64_t get_gamma() {
    unsigned tail = 0;
    while (get(1) == 0) {
      if (++tail > 63 || !ok_) {
        ok_ = false;
        return 0;
      }
    }
    return get(tail) | std::uint64_t{1} << tail;
  }

  // How many bytes have been begun.
  std::size_t bytes_read() const { return at_ - filled_ / 8; }
  // Whether the bits left of the byte that was begun are zeros, as a writer leaves them.
  bool padded_with_zeros() const { return filled_ % 8 == 0 || (pending_ & ((1U << filled_ % 8) - 1U)) == 0; }
  bool ok() const { return ok_; }

 private:
  std::uint64_t take(unsigned width) {
    if (width == 0) return 0;
    const std::uint64_t value = pending_ & (~std::uint64_t{0} >> (64 - width));
    pending_ = width == 64 ? 0 : pending_ >> width;
    filled_ -= width;
    return value;
  }

  void refill() {
    if (bytes_.size() - at_ >= 8) {
      // Eight bytes in one load. Of the last only some bits fit; those are brought again by the next refill.
      std::uint64_t next = 0;
      for (unsigned i = 0; i < 8; ++i) next |= static_cast<std::uint64_t>(bytes_[at_ + i]) << (8U * i);
      if (filled_ < 64) pending_ |= next << filled_;
      const unsigned whole = (64 - filled_) / 8;
      at_ += whole;
      filled_ += 8 * whole;
      return;
    }
    for (; filled_ <= 56 && at_ < bytes_.size(); filled_ += 8)
      pending_ |= static_cast<std::uint64_t>(bytes_[at_++]) << filled_;
  }

  ByteView bytes_;
  std::size_t at_ = 0;
  std::uint64_t pending_ = 0;
  unsigned filled_ = 0;
  bool ok_ = true;
};

}  // namespace picket::perf_database

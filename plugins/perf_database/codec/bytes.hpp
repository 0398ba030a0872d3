// SPDX-License-Identifier: Apache-2.0
//
// The byte-level alphabet of the chunk formats: variable-length integers, zigzag, little-endian words. Writers append
// to a vector; the reader never goes past its end and remembers that somebody tried. Used by the codecs of this
// folder, on any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace picket::perf_database {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline constexpr std::size_t kMaxVarint = 10;  // bytes that a 64-bit value can take

// Small magnitudes of either sign become small unsigned numbers: 0, -1, 1, -2, ...
constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
}

constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1U) ^ (~(value & 1U) + 1U));
}

constexpr std::size_t varint_size(std::uint64_t value) {
  std::size_t size = 1;
  for (; value >= 0x80U; value >>= 7U) ++size;
  return size;
}

// Seven bits a byte, lowest first; the high bit says that more follow.
inline void put_varint(Bytes& out, std::uint64_t value) {
  for (; value >= 0x80U; value >>= 7U) out.push_back(static_cast<std::uint8_t>(value | 0x80U));
  out.push_back(static_cast<std::uint8_t>(value));
}

template <typename Word>
void put_word(Bytes& out, Word value) {
  for (std::size_t i = 0; i < sizeof(Word); ++i) out.push_back(static_cast<std::uint8_t>(value >> (8U * i)));
}

// Reads forward through borrowed bytes. After any read past the end, or of a varint that is too long, ok() is false and
// every further read gives 0, so a decoder checks once at the end of a run of reads.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : rest_(bytes) {}

  std::uint8_t byte() {
    if (rest_.empty()) return fail();
    const std::uint8_t value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t next = byte();
      value |= static_cast<std::uint64_t>(next & 0x7FU) << shift;
      if ((next & 0x80U) == 0) return ok_ ? value : 0;
    }
    return fail();
  }

  template <typename Word>
  Word word() {
    if (rest_.size() < sizeof(Word)) return fail();
    Word value = 0;
    for (std::size_t i = 0; i < sizeof(Word); ++i) {
      value = static_cast<Word>(value | static_cast<Word>(static_cast<Word>(rest_[i]) << (8U * i)));
    }
    rest_ = rest_.subspan(sizeof(Word));
    return value;
  }

  ByteView rest() const { return rest_; }
  bool ok() const { return ok_; }

 private:
  std::uint8_t fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }

  ByteView rest_;
  bool ok_ = true;
};

}  // namespace picket::perf_database

// SPDX-License-Identifier: Apache-2.0
//
// One tick of the hot file: all values of one layout at one time, as the difference (xor) from the tick before or, for
// a keyframe, whole. The writer encodes on its thread; readers decode on theirs.
#pragma once

#include <span>

#include "compressor.hpp"

namespace picket::perf_database {

inline constexpr std::size_t kMaxTick = 1U << 20U;  // values

// Bit patterns of doubles. `previous` empty makes a keyframe, else it has the size of `now`. Replaces `out`.
class TickEncoder {
 public:
  void encode(std::span<const std::uint64_t> now, std::span<const std::uint64_t> previous, Bytes& out);

 private:
  Compressor compressor_;
  std::vector<std::uint64_t> words_;
  Bytes planes_;
};

class TickDecoder {
 public:
  // Replaces `values`, which holds the tick before (ignored for a keyframe). False, with `values` undefined, when the
  // block is damaged, has not `count` values, or needs a tick before that is not there (an empty `values`).
  bool decode(ByteView block, std::size_t count, std::vector<std::uint64_t>& values);

 private:
  Compressor compressor_;
  std::vector<std::uint64_t> words_;
  Bytes planes_;
};

}  // namespace picket::perf_database

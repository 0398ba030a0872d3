// SPDX-License-Identifier: Apache-2.0
#include "planes.hpp"

namespace picket::perf_database {

void split_planes(std::span<const std::uint64_t> words, Bytes& out) {
  out.resize(words.size() * sizeof(std::uint64_t));
  for (std::size_t plane = 0; plane < sizeof(std::uint64_t); ++plane) {
    std::uint8_t* to = out.data() + plane * words.size();
    for (std::size_t i = 0; i < words.size(); ++i) to[i] = static_cast<std::uint8_t>(words[i] >> (8U * plane));
  }
}

void join_planes(ByteView planes, std::span<std::uint64_t> words) {
  for (std::uint64_t& word : words) word = 0;
  for (std::size_t plane = 0; plane < sizeof(std::uint64_t); ++plane) {
    const std::uint8_t* from = planes.data() + plane * words.size();
    for (std::size_t i = 0; i < words.size(); ++i) words[i] |= static_cast<std::uint64_t>(from[i]) << (8U * plane);
  }
}

}  // namespace picket::perf_database

// SPDX-License-Identifier: Apache-2.0
#include "tick_codec.hpp"

#include "crc32c.hpp"
#include "planes.hpp"

namespace picket::perf_database {
namespace {

constexpr std::uint8_t kKeyframe = 0x50;
constexpr std::uint8_t kDifference = 0x51;
constexpr int kTickLevel = 1;  // zstd: this runs on the writing path

}  // namespace

void TickEncoder::encode(std::span<const std::uint64_t> now, std::span<const std::uint64_t> previous, Bytes& out) {
  words_.assign(now.begin(), now.end());
  for (std::size_t i = 0; i < previous.size(); ++i) words_[i] ^= previous[i];
  split_planes(words_, planes_);
  out.clear();
  out.push_back(previous.empty() ? kKeyframe : kDifference);
  put_varint(out, now.size());
  compressor_.compress(planes_, kTickLevel, out);
  seal_with_crc(out);
}

bool TickDecoder::decode(ByteView block, std::size_t count, std::vector<std::uint64_t>& values) {
  ByteReader in(check_crc(block));
  const std::uint8_t kind = in.byte();
  const std::uint64_t stated = in.varint();
  if (!in.ok() || stated != count || count > kMaxTick || (kind != kKeyframe && kind != kDifference)) return false;
  if (kind == kDifference && values.size() != count) return false;
  const std::size_t size = count * sizeof(std::uint64_t);
  if (!compressor_.decompress(in.rest(), size, planes_) || planes_.size() != size) return false;
  words_.resize(count);
  join_planes(planes_, words_);
  if (kind == kKeyframe) {
    values = words_;
  } else {
    for (std::size_t i = 0; i < count; ++i) values[i] ^= words_[i];
  }
  return true;
}

}  // namespace picket::perf_database

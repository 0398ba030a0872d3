// SPDX-License-Identifier: Apache-2.0
//
// All arithmetic wraps (unsigned), so that every input, also a damaged one, has one defined result.
#include "integer_stream.hpp"

#include <array>
#include <numeric>

namespace picket::perf_database {
namespace {

constexpr unsigned kMaxOrder = 2;
constexpr int kStreamLevel = 3;  // zstd: higher levels gain under 2 % on such streams

std::int64_t difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

std::uint64_t magnitude(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return value < 0 ? ~bits + 1 : bits;
}

// The largest number that divides every distance from the first value; 1 when all are equal, or when it would not fit
// a signed number.
std::int64_t common_scale(std::span<const std::int64_t> values) {
  std::uint64_t scale = 0;
  for (const std::int64_t value : values) {
    scale = std::gcd(scale, magnitude(difference(value, values[0])));
    if (scale == 1) return 1;
  }
  return scale == 0 || scale > static_cast<std::uint64_t>(INT64_MAX) ? 1 : static_cast<std::int64_t>(scale);
}

// The difference of each order at one position, given the two numbers before.
std::array<std::int64_t, kMaxOrder + 1> orders(std::int64_t now, std::int64_t before, std::int64_t before_that) {
  const std::int64_t first = difference(now, before);
  return {now, first, difference(first, difference(before, before_that))};
}

}  // namespace

void encode_integers(std::span<const std::int64_t> values, Compressor& compressor, Bytes& out) {
  const std::int64_t scale = common_scale(values);
  std::array<std::size_t, kMaxOrder + 1> sizes{};
  std::array<std::int64_t, 2> last{};
  for (const std::int64_t value : values) {
    const std::int64_t k = difference(value, values[0]) / scale;
    const auto candidates = orders(k, last[0], last[1]);
    for (unsigned order = 0; order <= kMaxOrder; ++order) sizes[order] += varint_size(zigzag(candidates[order]));
    last = {k, last[0]};
  }
  unsigned best = 0;
  for (unsigned order = 1; order <= kMaxOrder; ++order) {
    if (sizes[order] < sizes[best]) best = order;
  }

  Bytes raw;
  raw.reserve(sizes[best]);
  last = {};
  for (const std::int64_t value : values) {
    const std::int64_t k = difference(value, values[0]) / scale;
    put_varint(raw, zigzag(orders(k, last[0], last[1])[best]));
    last = {k, last[0]};
  }
  out.push_back(static_cast<std::uint8_t>(best));
  put_varint(out, zigzag(values[0]));
  put_varint(out, static_cast<std::uint64_t>(scale));
  compressor.compress(raw, kStreamLevel, out);
}

bool decode_integers(ByteReader in, std::size_t count, Compressor& compressor, std::vector<std::int64_t>& out) {
  const unsigned order = in.byte();
  const auto offset = static_cast<std::uint64_t>(unzigzag(in.varint()));
  const std::uint64_t scale = in.varint();
  Bytes raw;
  if (!in.ok() || order > kMaxOrder || !compressor.decompress(in.rest(), count * kMaxVarint, raw)) return false;
  if (raw.size() < count) return false;

  ByteReader reader(raw);
  out.clear();
  out.reserve(count);
  std::uint64_t last = 0;
  std::uint64_t last_step = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t k = static_cast<std::uint64_t>(unzigzag(reader.varint()));
    if (order == 2) k += last_step;
    if (order >= 1) k += last;
    last_step = k - last;
    last = k;
    out.push_back(static_cast<std::int64_t>(offset + scale * k));
  }
  return reader.ok() && reader.rest().empty();
}

}  // namespace picket::perf_database

// SPDX-License-Identifier: Apache-2.0
//
// The encoder tries what can win and keeps the smallest; the decoder does what the first byte says.
#include "column_codec.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "crc32c.hpp"
#include "integer_stream.hpp"
#include "planes.hpp"

namespace picket::perf_database {
namespace {

constexpr std::uint8_t kTimesTag = 0x40;  // the first byte of a timestamp column
constexpr int kColumnLevel = 3;
constexpr std::size_t kMaxPalette = 256;
// Where decimals already do this well, the costlier byte planes are not even tried.
constexpr std::size_t kGoodEnough = 4;  // bytes a value

// Powers of ten up to 1e15 are exact doubles, so dividing an exact integer by one is a single correctly rounded step
// that the decoder repeats bit for bit.
constexpr std::array<double, 16> kPowers = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                            1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
constexpr double kMaxExact = 9007199254740992.0;  // 2^53

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

// True, with `integer` set, when value == integer / 10^exponent to the last bit. Negative zero, NaN and infinities
// fail.
bool as_decimal(double value, unsigned exponent, std::int64_t& integer) {
  const double scaled = std::nearbyint(value * kPowers[exponent]);
  if (!(std::fabs(scaled) <= kMaxExact)) return false;
  integer = static_cast<std::int64_t>(scaled);
  return same_bits(static_cast<double>(integer) / kPowers[exponent], value);
}

// The integers of all values over one power of ten, or nothing if there is none.
std::optional<unsigned> to_decimals(std::span<const double> values, std::vector<std::int64_t>& integers) {
  unsigned exponent = 0;
  std::int64_t integer = 0;
  for (const double value : values) {
    while (!as_decimal(value, exponent, integer)) {
      if (++exponent == kPowers.size()) return std::nullopt;
    }
  }
  integers.clear();
  integers.reserve(values.size());
  for (const double value : values) {
    if (!as_decimal(value, exponent, integer)) return std::nullopt;
    integers.push_back(integer);
  }
  return exponent;
}

std::span<const std::uint64_t> words_of(std::span<const double> values, std::vector<std::uint64_t>& words) {
  words.resize(values.size());
  std::transform(values.begin(), values.end(), words.begin(), [](double v) { return std::bit_cast<std::uint64_t>(v); });
  return words;
}

Bytes header(ValueCodec codec, std::size_t count) {
  Bytes out;
  out.push_back(static_cast<std::uint8_t>(codec));
  put_varint(out, count);
  return out;
}

Bytes pack_planes(std::span<const std::uint64_t> words, Compressor& compressor) {
  Bytes out = header(ValueCodec::planes, words.size());
  Bytes planes;
  split_planes(words, planes);
  compressor.compress(planes, kColumnLevel, out);
  return out;
}

// Empty when there are too many distinct values.
Bytes pack_palette(std::span<const std::uint64_t> words, Compressor& compressor) {
  std::vector<std::uint64_t> palette;
  for (const std::uint64_t word : words) {
    const auto at = std::lower_bound(palette.begin(), palette.end(), word);
    if (at != palette.end() && *at == word) continue;
    if (palette.size() == kMaxPalette) return {};
    palette.insert(at, word);
  }
  Bytes indices;
  indices.reserve(words.size());
  for (const std::uint64_t word : words) {
    indices.push_back(
        static_cast<std::uint8_t>(std::lower_bound(palette.begin(), palette.end(), word) - palette.begin()));
  }
  Bytes out = header(ValueCodec::palette, words.size());
  out.push_back(static_cast<std::uint8_t>(palette.size() - 1));
  Bytes table;
  split_planes(palette, table);
  out.insert(out.end(), table.begin(), table.end());
  compressor.compress(indices, kColumnLevel, out);
  return out;
}

bool unpack_palette(ByteReader in, std::span<std::uint64_t> words, Compressor& compressor) {
  std::vector<std::uint64_t> palette(in.byte() + std::size_t{1});
  const std::size_t size = palette.size() * sizeof(std::uint64_t);
  if (!in.ok() || in.rest().size() < size) return false;
  join_planes(in.rest().first(size), palette);
  Bytes indices;
  if (!compressor.decompress(in.rest().subspan(size), words.size(), indices) || indices.size() != words.size())
    return false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (indices[i] >= palette.size()) return false;
    words[i] = palette[indices[i]];
  }
  return true;
}

bool unpack_planes(ByteReader in, std::span<std::uint64_t> words, Compressor& compressor) {
  Bytes planes;
  const std::size_t size = words.size() * sizeof(std::uint64_t);
  if (!compressor.decompress(in.rest(), size, planes) || planes.size() != size) return false;
  join_planes(planes, words);
  return true;
}

bool unpack_decimals(ByteReader in, std::span<double> values, Compressor& compressor) {
  const unsigned exponent = in.byte();
  std::vector<std::int64_t> integers;
  if (!in.ok() || exponent >= kPowers.size() || !decode_integers(in, values.size(), compressor, integers)) return false;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(integers[i]) / kPowers[exponent];
  return true;
}

}  // namespace

Bytes encode_values(std::span<const double> values, Compressor& compressor) {
  std::vector<std::uint64_t> words;
  words_of(values, words);
  Bytes best;
  if (std::all_of(words.begin(), words.end(), [&](std::uint64_t word) { return word == words[0]; })) {
    best = header(ValueCodec::constant, values.size());
    put_word<std::uint64_t>(best, words[0]);
    seal_with_crc(best);
    return best;
  }
  std::vector<std::int64_t> integers;
  if (const auto exponent = to_decimals(values, integers)) {
    best = header(ValueCodec::decimal, values.size());
    best.push_back(static_cast<std::uint8_t>(*exponent));
    encode_integers(integers, compressor, best);
  }
  Bytes other = pack_palette(words, compressor);
  if (best.empty() || (!other.empty() && other.size() < best.size())) best = std::move(other);
  if (best.empty() || best.size() > kGoodEnough * values.size()) {
    other = pack_planes(words, compressor);
    if (best.empty() || other.size() < best.size()) best = std::move(other);
  }
  seal_with_crc(best);
  return best;
}

std::optional<std::vector<double>> decode_values(ByteView block, Compressor& compressor) {
  ByteReader in(check_crc(block));
  const std::uint8_t codec = in.byte();
  const std::uint64_t count = in.varint();
  if (!in.ok() || count == 0 || count > kMaxColumn) return std::nullopt;
  std::vector<double> values(count);
  std::vector<std::uint64_t> words;
  bool good = false;
  switch (static_cast<ValueCodec>(codec)) {
    case ValueCodec::constant:
      std::fill(values.begin(), values.end(), std::bit_cast<double>(in.word<std::uint64_t>()));
      return in.ok() && in.rest().empty() ? std::optional(std::move(values)) : std::nullopt;
    case ValueCodec::decimal:
      return unpack_decimals(in, values, compressor) ? std::optional(std::move(values)) : std::nullopt;
    case ValueCodec::planes:
      words.resize(count);
      good = unpack_planes(in, words, compressor);
      break;
    case ValueCodec::palette:
      words.resize(count);
      good = unpack_palette(in, words, compressor);
      break;
  }
  if (!good) return std::nullopt;
  std::transform(words.begin(), words.end(), values.begin(), [](std::uint64_t w) { return std::bit_cast<double>(w); });
  return values;
}

Bytes encode_times(std::span<const std::int64_t> times, Compressor& compressor) {
  Bytes out;
  out.push_back(kTimesTag);
  put_varint(out, times.size());
  encode_integers(times, compressor, out);
  seal_with_crc(out);
  return out;
}

std::optional<std::vector<std::int64_t>> decode_times(ByteView block, Compressor& compressor) {
  ByteReader in(check_crc(block));
  const std::uint8_t tag = in.byte();
  const std::uint64_t count = in.varint();
  std::vector<std::int64_t> times;
  if (!in.ok() || tag != kTimesTag || count == 0 || count > kMaxColumn) return std::nullopt;
  if (!decode_integers(in, count, compressor, times)) return std::nullopt;
  return times;
}

}  // namespace picket::perf_database

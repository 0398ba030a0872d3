// SPDX-License-Identifier: Apache-2.0
//
// The encoder tries what can win and keeps the smallest; the decoder does what the first byte says.
#include "column_codec.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "crc32c.hpp"
#include "first_codecs.hpp"
#include "integer_stream.hpp"
#include "number_map.hpp"
#include "packed_integers.hpp"
#include "planes.hpp"

namespace picket::perf_database {
namespace {

constexpr std::uint8_t kFirstTimesTag = 0x40;  // the first byte of a timestamp column; values' codecs are lower
constexpr std::uint8_t kTimesTag = 0x41;
constexpr int kPlanesLevel = 3;
// Where integers already do this well, the costlier byte planes are not even tried.
constexpr std::size_t kGoodEnough = 4;         // bytes a value
constexpr double kMaxWhole = 1099511627776.0;  // 2^40: above it the double's own bytes are as short

std::vector<std::uint64_t> words_of(std::span<const double> values) {
  std::vector<std::uint64_t> words(values.size());
  std::transform(values.begin(), values.end(), words.begin(), [](double v) { return std::bit_cast<std::uint64_t>(v); });
  return words;
}

bool all_the_same(std::span<const double> values) {
  const auto first = std::bit_cast<std::uint64_t>(values[0]);
  return std::all_of(values.begin(), values.end(),
                     [first](double value) { return std::bit_cast<std::uint64_t>(value) == first; });
}

Bytes header(ValueCodec codec, std::size_t count) {
  Bytes out;
  out.push_back(static_cast<std::uint8_t>(codec));
  put_varint(out, count);
  return out;
}

Bytes pack_constant(std::span<const double> values) {
  // Negative zero is an integer of another kind.
  if (std::fabs(values[0]) <= kMaxWhole && std::trunc(values[0]) == values[0] &&
      !(values[0] == 0 && std::signbit(values[0]))) {
    Bytes out = header(ValueCodec::whole, values.size());
    put_varint(out, zigzag(static_cast<std::int64_t>(values[0])));
    return out;
  }
  Bytes out = header(ValueCodec::constant, values.size());
  put_word<std::uint64_t>(out, std::bit_cast<std::uint64_t>(values[0]));
  return out;
}

Bytes pack_numbers(std::span<const double> values, Compressor& compressor) {
  Bytes out = header(ValueCodec::packed, values.size());
  std::vector<std::int64_t> integers;
  write_map(map_numbers(values, integers), out);
  pack_integers(integers, compressor, out);
  return out;
}

Bytes pack_planes(std::span<const double> values, Compressor& compressor) {
  Bytes out = header(ValueCodec::planes, values.size());
  Bytes planes;
  split_planes(words_of(values), planes);
  compressor.compress(planes, kPlanesLevel, out);
  return out;
}

bool unpack_constant(ByteReader in, std::span<double> values) {
  std::fill(values.begin(), values.end(), std::bit_cast<double>(in.word<std::uint64_t>()));
  return in.ok() && in.rest().empty();
}

bool unpack_whole(ByteReader in, std::span<double> values) {
  std::fill(values.begin(), values.end(), static_cast<double>(unzigzag(in.varint())));
  return in.ok() && in.rest().empty();
}

bool unpack_numbers(ByteReader in, Compressor& compressor, std::span<double> values) {
  NumberMap map;
  std::vector<std::int64_t> integers;
  if (!read_map(in, values.size(), map) || !unpack_integers(in, values.size(), compressor, integers)) return false;
  unmap_numbers(map, integers, values);
  return true;
}

bool unpack_planes(ByteReader in, Compressor& compressor, std::span<double> values) {
  Bytes planes;
  const std::size_t size = values.size() * sizeof(std::uint64_t);
  if (!compressor.decompress(in.rest(), size, planes) || planes.size() != size) return false;
  std::vector<std::uint64_t> words(values.size());
  join_planes(planes, words);
  std::transform(words.begin(), words.end(), values.begin(), [](std::uint64_t w) { return std::bit_cast<double>(w); });
  return true;
}

bool unpack(ValueCodec codec, ByteReader in, Compressor& compressor, std::span<double> values) {
  switch (codec) {
    case ValueCodec::constant:
      return unpack_constant(in, values);
    case ValueCodec::decimal:
      return unpack_decimals(in, compressor, values);
    case ValueCodec::planes:
      return unpack_planes(in, compressor, values);
    case ValueCodec::palette:
      return unpack_palette(in, compressor, values);
    case ValueCodec::packed:
      return unpack_numbers(in, compressor, values);
    case ValueCodec::whole:
      return unpack_whole(in, values);
  }
  return false;
}

}  // namespace

Bytes encode_values(std::span<const double> values, Compressor& compressor) {
  Bytes best;
  if (all_the_same(values)) {
    best = pack_constant(values);
  } else {
    best = pack_numbers(values, compressor);
    if (best.size() > kGoodEnough * values.size()) {
      Bytes planes = pack_planes(values, compressor);
      if (planes.size() < best.size()) best = std::move(planes);
    }
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
  if (!unpack(static_cast<ValueCodec>(codec), in, compressor, values)) return std::nullopt;
  return values;
}

Bytes encode_times(std::span<const std::int64_t> times, Compressor& compressor) {
  Bytes out;
  out.push_back(kTimesTag);
  put_varint(out, times.size());
  pack_integers(times, compressor, out);
  seal_with_crc(out);
  return out;
}

std::optional<std::vector<std::int64_t>> decode_times(ByteView block, Compressor& compressor) {
  ByteReader in(check_crc(block));
  const std::uint8_t tag = in.byte();
  const std::uint64_t count = in.varint();
  std::vector<std::int64_t> times;
  if (!in.ok() || count == 0 || count > kMaxColumn) return std::nullopt;
  const bool good = tag == kTimesTag        ? unpack_integers(in, count, compressor, times)
                    : tag == kFirstTimesTag ? decode_integers(in, count, compressor, times)
                                            : false;
  if (!good) return std::nullopt;
  return times;
}

}  // namespace picket::perf_database

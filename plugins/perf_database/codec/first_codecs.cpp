// SPDX-License-Identifier: Apache-2.0
#include "first_codecs.hpp"

#include <array>
#include <bit>

#include "integer_stream.hpp"
#include "planes.hpp"

namespace picket::perf_database {
namespace {

constexpr std::array<double, 16> kPowers = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                            1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

}  // namespace

bool unpack_decimals(ByteReader in, Compressor& compressor, std::span<double> values) {
  const unsigned exponent = in.byte();
  std::vector<std::int64_t> integers;
  if (!in.ok() || exponent >= kPowers.size() || !decode_integers(in, values.size(), compressor, integers)) return false;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(integers[i]) / kPowers[exponent];
  return true;
}

bool unpack_palette(ByteReader in, Compressor& compressor, std::span<double> values) {
  std::vector<std::uint64_t> palette(in.byte() + std::size_t{1});
  const std::size_t size = palette.size() * sizeof(std::uint64_t);
  if (!in.ok() || in.rest().size() < size) return false;
  join_planes(in.rest().first(size), palette);
  Bytes indices;
  if (!compressor.decompress(in.rest().subspan(size), values.size(), indices) || indices.size() != values.size())
    return false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (indices[i] >= palette.size()) return false;
    values[i] = std::bit_cast<double>(palette[indices[i]]);
  }
  return true;
}

}  // namespace picket::perf_database

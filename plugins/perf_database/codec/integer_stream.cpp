// SPDX-License-Identifier: Apache-2.0
//
// All arithmetic wraps (unsigned), so that every input, also a damaged one, has one defined result.
#include "integer_stream.hpp"

namespace picket::perf_database {
namespace {

constexpr unsigned kMaxOrder = 2;

}  // namespace

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

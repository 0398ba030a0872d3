// SPDX-License-Identifier: Apache-2.0
//
// The decoders of the history against bytes that no encoder made. The first byte says which decoder; the checksum is
// put right, since a fuzzer would never guess it and a hostile file would have it. What a decoder takes must come back
// from the encoder with the same meaning; what it refuses it must refuse without crashing or allocating without bound.
// The other way round, bytes become the samples of a column, and every bit of it must come back from its block.
#include <bit>
#include <cstdlib>

#include "codec/column_codec.hpp"
#include "codec/crc32c.hpp"
#include "codec/tick_codec.hpp"

using namespace picket::perf_database;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void expect_the_same(std::span<const double> values, Compressor& compressor) {
  const auto back = decode_values(encode_values(values, compressor), compressor);
  require(back.has_value() && back->size() == values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    require(std::bit_cast<std::uint64_t>((*back)[i]) == std::bit_cast<std::uint64_t>(values[i]));
  }
}

void values(ByteView block, Compressor& compressor) {
  const auto first = decode_values(block, compressor);
  if (!first) return;
  require(first->size() <= kMaxColumn);
  expect_the_same(*first, compressor);
}

void times(ByteView block, Compressor& compressor) {
  const auto first = decode_times(block, compressor);
  if (!first) return;
  const auto second = decode_times(encode_times(*first, compressor), compressor);
  require(second.has_value() && *second == *first);
}

void tick(ByteView block) {
  ByteReader header(block);
  header.byte();
  const std::uint64_t count = header.varint();
  TickDecoder decoder;
  std::vector<std::uint64_t> decoded(count <= kMaxTick ? count : 0, 7);
  if (!decoder.decode(block, count, decoded)) return;
  require(decoded.size() == count);
  Bytes again;
  TickEncoder().encode(decoded, {}, again);
  std::vector<std::uint64_t> second;
  require(decoder.decode(again, decoded.size(), second) && second == decoded);
}

// Samples from bytes: whole bit patterns, steps of a counter, decimals, or ratios. The first byte says which.
double sample(std::uint8_t kind, ByteReader& in, double last) {
  switch (kind % 4) {
    case 0:
      return std::bit_cast<double>(in.word<std::uint64_t>());
    case 1:
      return last + static_cast<double>(in.varint());
    case 2:
      return static_cast<double>(unzigzag(in.varint())) / 100;
    default:
      return in.byte() / (99.0 + (kind >> 2U));
  }
}

void column(ByteView raw, Compressor& compressor) {
  ByteReader in(raw);
  const std::uint8_t kind = in.byte();
  std::vector<double> values;
  while (in.ok() && values.size() < kMaxColumn) values.push_back(sample(kind, in, values.empty() ? 0 : values.back()));
  expect_the_same(values, compressor);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const ByteView raw(data + 1, size - 1);
  Bytes sealed(raw.begin(), raw.end());
  seal_with_crc(sealed);
  Compressor compressor;
  if (data[0] % 4 == 3) {
    column(raw, compressor);
    return 0;
  }
  for (const ByteView block : {raw, ByteView(sealed)}) {
    switch (data[0] % 4) {
      case 0:
        values(block, compressor);
        break;
      case 1:
        times(block, compressor);
        break;
      default:
        tick(block);
    }
  }
  return 0;
}

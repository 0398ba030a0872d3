// SPDX-License-Identifier: Apache-2.0
//
// The decoders of the history against bytes that no encoder made. The first byte says which decoder; the checksum is
// put right, since a fuzzer would never guess it and a hostile file would have it. What a decoder takes must come back
// from the encoder with the same meaning; what it refuses it must refuse without crashing or allocating without bound.
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

void values(ByteView block, Compressor& compressor) {
  const auto first = decode_values(block, compressor);
  if (!first) return;
  const auto second = decode_values(encode_values(*first, compressor), compressor);
  require(second.has_value() && second->size() == first->size());
  for (std::size_t i = 0; i < first->size(); ++i) {
    require(std::bit_cast<std::uint64_t>((*first)[i]) == std::bit_cast<std::uint64_t>((*second)[i]));
  }
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const ByteView raw(data + 1, size - 1);
  Bytes sealed(raw.begin(), raw.end());
  seal_with_crc(sealed);
  Compressor compressor;
  for (const ByteView block : {raw, ByteView(sealed)}) {
    switch (data[0] % 3) {
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

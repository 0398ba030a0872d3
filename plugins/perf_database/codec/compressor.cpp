// SPDX-License-Identifier: Apache-2.0
#include "compressor.hpp"

#include <zstd.h>

#include <new>

namespace picket::perf_database {

void Compressor::Free::operator()(ZSTD_CCtx_s* context) const {
  ZSTD_freeCCtx(context);
}
void Compressor::Free::operator()(ZSTD_DCtx_s* context) const {
  ZSTD_freeDCtx(context);
}

Compressor::Compressor() = default;
Compressor::~Compressor() = default;
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor& Compressor::operator=(Compressor&&) noexcept = default;

void Compressor::compress(ByteView raw, int level, Bytes& out) {
  if (!encoder_) encoder_.reset(ZSTD_createCCtx());
  if (!encoder_) throw std::bad_alloc();
  const std::size_t start = out.size();
  out.resize(start + ZSTD_compressBound(raw.size()));
  const std::size_t size =
      ZSTD_compressCCtx(encoder_.get(), out.data() + start, out.size() - start, raw.data(), raw.size(), level);
  // With room for the bound, only a lack of memory can fail.
  if (ZSTD_isError(size) != 0) throw std::bad_alloc();
  out.resize(start + size);
}

bool Compressor::decompress(ByteView packed, std::size_t limit, Bytes& out) {
  if (!decoder_) decoder_.reset(ZSTD_createDCtx());
  if (!decoder_) throw std::bad_alloc();
  // Our frames always state their size, so the room needed is known before anything is allocated.
  const unsigned long long stated = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (stated == ZSTD_CONTENTSIZE_UNKNOWN || stated == ZSTD_CONTENTSIZE_ERROR || stated > limit) return false;
  out.resize(static_cast<std::size_t>(stated));
  const std::size_t size = ZSTD_decompressDCtx(decoder_.get(), out.data(), out.size(), packed.data(), packed.size());
  return ZSTD_isError(size) == 0 && size == out.size();
}

}  // namespace picket::perf_database

// SPDX-License-Identifier: Apache-2.0
//
// Zstandard with contexts that are kept between calls: making one costs more than compressing one tick. One thread at
// a time; every writer and reader owns one.
#pragma once

#include <memory>

#include "bytes.hpp"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace picket::perf_database {

class Compressor {
 public:
  Compressor();
  ~Compressor();
  Compressor(Compressor&&) noexcept;
  Compressor& operator=(Compressor&&) noexcept;

  // Appends the compressed form of `raw` to `out`. `level`: 1 (fast) to 19.
  void compress(ByteView raw, int level, Bytes& out);

  // Replaces `out` by the decompressed form. False, whatever `packed` holds, when it is no whole frame or would give
  // more than `limit` bytes; never allocates more than `limit`.
  bool decompress(ByteView packed, std::size_t limit, Bytes& out);

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> encoder_;
  std::unique_ptr<ZSTD_DCtx_s, Free> decoder_;
};

}  // namespace picket::perf_database

// SPDX-License-Identifier: Apache-2.0
#include "routing/expression/scratch.hpp"

#include "platform/per_thread.hpp"

namespace picket::routing::expression {

Scratch& Scratch::of_this_thread() {
  return platform::per_thread<Scratch>();
}

char* Scratch::allocate(std::size_t size) {
  if (size > kMaxTextResult) return nullptr;
  if (used_ + size > kMaxTextResult) {
    if (block_ + 1 == kBlocks) return nullptr;
    ++block_;
    used_ = 0;
  }
  // Blocks are never read before they are written, so they need no clearing.
  if (!blocks_[block_]) blocks_[block_] = std::make_unique_for_overwrite<char[]>(kMaxTextResult);
  char* const result = blocks_[block_].get() + used_;
  used_ += size;
  return result;
}

Value join_text(std::span<const std::string_view> pieces) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  char* const start = Scratch::of_this_thread().allocate(size);
  if (start == nullptr) return {};
  char* at = start;
  for (const std::string_view piece : pieces) {
    if (!piece.empty()) std::memcpy(at, piece.data(), piece.size());
    at += piece.size();
  }
  return Value::text({start, size});
}

}  // namespace picket::routing::expression

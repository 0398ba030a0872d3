// SPDX-License-Identifier: Apache-2.0
//
// Where the text functions put their results: blocks that a thread keeps and uses again for its next evaluation, so
// that evaluating allocates nothing once they exist. Used by functions and by Expression::evaluate only.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "routing/expression/expression.hpp"
#include "routing/expression/value.hpp"

namespace picket::routing::expression {

class Scratch {
 public:
  // What one evaluation may use: this many blocks of kMaxTextResult bytes.
  static constexpr std::size_t kBlocks = 8;

  static Scratch& of_this_thread();

  // Everything given out before is free for use again.
  void reset() {
    block_ = 0;
    used_ = 0;
  }

  // `size` bytes; null when that is over kMaxTextResult or the blocks are used up.
  char* allocate(std::size_t size);

 private:
  std::array<std::unique_ptr<char[]>, kBlocks> blocks_;
  std::size_t block_ = 0;
  std::size_t used_ = 0;  // bytes of blocks_[block_]
};

// A text in this thread's scratch space made of `pieces`; null when it is too long.
Value join_text(std::span<const std::string_view> pieces);

}  // namespace picket::routing::expression

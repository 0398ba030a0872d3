// SPDX-License-Identifier: Apache-2.0
//
// Memory for the texts that a format makes while it reads (unescaped values, keys): given out piece by piece, taken
// back all at once. Keeps its first block, so that short texts allocate nothing. One thread.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace picket::routing::parse {

class Arena {
 public:
  static constexpr std::size_t kBlock = std::size_t{16} * 1024;  // bytes

  // `size` bytes, not aligned, that stay until clear().
  char* allocate(std::size_t size) {
    if (blocks_.empty() || size > room_) {
      const std::size_t block = size > kBlock ? size : kBlock;
      blocks_.push_back(std::make_unique<char[]>(block));
      next_ = blocks_.back().get();
      room_ = block;
    }
    char* const result = next_;
    next_ += size;
    room_ -= size;
    return result;
  }

  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* const to = allocate(text.size());
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }

  void clear() {
    if (blocks_.size() > 1) {
      blocks_.clear();
      return;
    }
    if (blocks_.empty()) return;
    room_ += static_cast<std::size_t>(next_ - blocks_.front().get());
    next_ = blocks_.front().get();
  }

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t room_ = 0;  // bytes from next_ to the end of the last block
};

}  // namespace picket::routing::parse

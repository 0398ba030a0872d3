// SPDX-License-Identifier: Apache-2.0
//
// The table of interned names: kinds, field keys, instance names, metric names. Ids are dense, never reused, and mean
// nothing outside this process. Bounded: a full table answers 0, it never grows without end.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "picket/base.h"

namespace picket::routing {

// Thread-safe; text() takes no lock. Texts live as long as the table.
class Names {
 public:
  static constexpr std::uint32_t kDefaultCapacity = 65'536;  // names
  static constexpr std::size_t kMaxLength = 255;             // bytes

  explicit Names(std::uint32_t capacity = kDefaultCapacity);
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  // The id of `text`, the same for the same text. 0 for an empty or too long text, and when the table is full.
  picket_name intern(std::string_view text);

  // The id of `text` if it has one, else 0. Never adds.
  picket_name find(std::string_view text) const;

  // Empty for 0 and for ids that were never given out.
  std::string_view text(picket_name name) const;

  std::uint32_t size() const { return size_.load(std::memory_order_acquire); }

 private:
  static constexpr std::uint32_t kChunk = 1'024;
  using Chunk = std::array<std::string, kChunk>;

  const std::uint32_t capacity_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string_view, picket_name> ids_;  // guarded by mutex_; views into chunks_
  std::unique_ptr<std::atomic<Chunk*>[]> chunks_;          // filled in order, freed by owners_
  std::unique_ptr<std::unique_ptr<Chunk>[]> owners_;       // guarded by mutex_
  std::atomic<std::uint32_t> size_{0};                     // published after the text is in place
};

}  // namespace picket::routing

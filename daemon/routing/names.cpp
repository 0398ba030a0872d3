// SPDX-License-Identifier: Apache-2.0
#include "routing/names.hpp"

namespace picket::routing {

Names::Names(std::uint32_t capacity)
    : capacity_(capacity),
      chunks_(new std::atomic<Chunk*>[capacity / kChunk + 1]()),
      owners_(new std::unique_ptr<Chunk>[capacity / kChunk + 1]) {}

picket_name Names::intern(std::string_view text) {
  if (text.empty() || text.size() > kMaxLength) return 0;
  const std::scoped_lock lock(mutex_);
  if (const auto found = ids_.find(text); found != ids_.end()) return found->second;
  const std::uint32_t index = size_.load(std::memory_order_relaxed);
  if (index >= capacity_) return 0;
  std::unique_ptr<Chunk>& owner = owners_[index / kChunk];
  if (!owner) {
    owner = std::make_unique<Chunk>();
    chunks_[index / kChunk].store(owner.get(), std::memory_order_release);
  }
  std::string& slot = (*owner)[index % kChunk];
  slot = text;
  ids_.emplace(slot, index + 1);
  size_.store(index + 1, std::memory_order_release);
  return index + 1;
}

picket_name Names::find(std::string_view text) const {
  const std::scoped_lock lock(mutex_);
  const auto found = ids_.find(text);
  return found == ids_.end() ? 0 : found->second;
}

std::string_view Names::text(picket_name name) const {
  if (name == 0 || name > size_.load(std::memory_order_acquire)) return {};
  const std::uint32_t index = name - 1;
  return (*chunks_[index / kChunk].load(std::memory_order_acquire))[index % kChunk];
}

}  // namespace picket::routing

// SPDX-License-Identifier: Apache-2.0
#include "routing/batch.hpp"

#include <cstddef>
#include <cstring>
#include <new>

namespace picket::routing {
namespace {

struct Block {
  std::atomic<std::uint32_t> references;
  std::uint32_t reserved;
  std::uint64_t cost;
  picket_batch batch;
};

std::atomic<std::int64_t> alive{0};

// The block around a batch that batch_new made.
Block* block_of(const picket_batch* batch) {
  const auto address = reinterpret_cast<std::uintptr_t>(batch) - offsetof(Block, batch);
  return reinterpret_cast<Block*>(address);  // NOLINT(performance-no-int-to-ptr): undoes the offset of our own block
}

}  // namespace

picket_batch* batch_new(std::uint32_t events, std::uint32_t fields, std::uint32_t bytes) {
  if (events > kMaxBatchEvents || fields > kMaxBatchFields || bytes > kMaxBatchBytes) return nullptr;
  const std::size_t size =
      sizeof(Block) + events * sizeof(picket_event) + fields * sizeof(picket_field) + static_cast<std::size_t>(bytes);
  void* memory = ::operator new(size, std::nothrow);
  if (memory == nullptr) return nullptr;
  auto* block = new (memory) Block{};
  block->references.store(1, std::memory_order_relaxed);
  block->cost = size;
  char* rest = static_cast<char*>(memory) + sizeof(Block);
  picket_batch& batch = block->batch;
  batch.size = sizeof(picket_batch);
  batch.events = reinterpret_cast<picket_event*>(rest);
  batch.fields = reinterpret_cast<picket_field*>(rest + events * sizeof(picket_event));
  batch.bytes = rest + events * sizeof(picket_event) + fields * sizeof(picket_field);
  batch.event_capacity = events;
  batch.field_capacity = fields;
  batch.byte_capacity = bytes;
  alive.fetch_add(1, std::memory_order_relaxed);
  return &batch;
}

void batch_retain(const picket_batch* batch) {
  block_of(batch)->references.fetch_add(1, std::memory_order_relaxed);
}

void batch_release(const picket_batch* batch) {
  Block* block = block_of(batch);
  if (block->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  alive.fetch_sub(1, std::memory_order_relaxed);
  block->~Block();
  ::operator delete(block);
}

std::uint64_t batch_cost(const picket_batch* batch) {
  return block_of(batch)->cost;
}

std::int64_t live_batches() {
  return alive.load(std::memory_order_relaxed);
}

Selection::Selection(const std::uint32_t* indices, std::uint32_t count) {
  void* memory = ::operator new(sizeof(Block) + count * sizeof(std::uint32_t));
  block_ = new (memory) Block{{1}, count};
  std::memcpy(static_cast<char*>(memory) + sizeof(Block), indices, count * sizeof(std::uint32_t));
}

const std::uint32_t* Selection::indices() const {
  return block_ == nullptr ? nullptr : reinterpret_cast<const std::uint32_t*>(block_ + 1);
}

void Selection::release() {
  if (block_ == nullptr || block_->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  block_->~Block();
  ::operator delete(block_);
}

}  // namespace picket::routing

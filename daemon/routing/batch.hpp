// SPDX-License-Identifier: Apache-2.0
//
// Batches as the host sees them: one allocation that holds a reference count, the picket_batch and its three arrays.
// Producers get a raw picket_batch*, the core moves BatchRef handles.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "picket/batch.h"

namespace picket::routing {

// Limits of one batch, as host.h documents them.
inline constexpr std::uint32_t kMaxBatchEvents = 65'536;
inline constexpr std::uint32_t kMaxBatchFields = 1'048'576;
inline constexpr std::uint32_t kMaxBatchBytes = 64U << 20U;

// A new batch with one reference, or null when a capacity is over its limit or memory is short. Thread-safe.
picket_batch* batch_new(std::uint32_t events, std::uint32_t fields, std::uint32_t bytes);
// REQUIRES: `batch` came from batch_new and is alive. Thread-safe.
void batch_retain(const picket_batch* batch);
void batch_release(const picket_batch* batch);

// The memory that keeping `batch` alive costs, in bytes: what a queue is charged.
std::uint64_t batch_cost(const picket_batch* batch);

// Batches alive in this process. For tests and the daemon's own metrics.
std::int64_t live_batches();

// One counted reference.
class BatchRef {
 public:
  BatchRef() = default;
  // Takes over the caller's reference.
  static BatchRef adopt(const picket_batch* batch) { return BatchRef(batch); }
  static BatchRef retain(const picket_batch* batch) {
    batch_retain(batch);
    return BatchRef(batch);
  }
  BatchRef(const BatchRef& other) : batch_(other.batch_) {
    if (batch_ != nullptr) batch_retain(batch_);
  }
  BatchRef(BatchRef&& other) noexcept : batch_(std::exchange(other.batch_, nullptr)) {}
  BatchRef& operator=(BatchRef other) noexcept {
    std::swap(batch_, other.batch_);
    return *this;
  }
  ~BatchRef() {
    if (batch_ != nullptr) batch_release(batch_);
  }

  const picket_batch* get() const { return batch_; }
  const picket_batch& operator*() const { return *batch_; }
  const picket_batch* operator->() const { return batch_; }
  explicit operator bool() const { return batch_ != nullptr; }

 private:
  explicit BatchRef(const picket_batch* batch) : batch_(batch) {}
  const picket_batch* batch_ = nullptr;
};

// The chosen events of a batch: indices, ascending. Shared by every destination of a route.
class Selection {
 public:
  // Every event of a batch.
  Selection() = default;
  Selection(const std::uint32_t* indices, std::uint32_t count);
  Selection(const Selection& other) : block_(other.block_) {
    if (block_ != nullptr) block_->references.fetch_add(1, std::memory_order_relaxed);
  }
  Selection(Selection&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Selection& operator=(Selection other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Selection() { release(); }

  // Null: every event.
  const std::uint32_t* indices() const;
  // Index into the batch of the `position`-th selected event.
  std::uint32_t at(std::uint32_t position) const { return block_ == nullptr ? position : indices()[position]; }

 private:
  struct Block {
    std::atomic<std::uint32_t> references;
    std::uint32_t count;
  };
  void release();
  Block* block_ = nullptr;
};

}  // namespace picket::routing

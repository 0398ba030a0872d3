// SPDX-License-Identifier: Apache-2.0
//
// Batch and EventBuilder: how a plugin makes events. A batch belongs to one thread until it is emitted.
#ifndef PICKET_DETAIL_BATCH_HPP
#define PICKET_DETAIL_BATCH_HPP

#include <concepts>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "../batch.h"
#include "host.hpp"

namespace picket {

// Fills the last event of a batch. All or nothing: when something does not fit, the whole event is taken back, every
// later `set` does nothing, and the builder is false; emit what the batch holds and build the event again in a new one.
// Adding the next event ends this one's builder.
class EventBuilder {
 public:
  // False when the batch was too full for this event.
  explicit operator bool() const noexcept { return event_ != nullptr; }

  // A template, for a literal text would rather become a bool than a string_view.
  template <std::same_as<bool> Bool>
  EventBuilder &set(Name key, Bool value) noexcept {
    return appended(current() && picket_batch_bool(batch_, key.id, value ? 1U : 0U) == PICKET_OK);
  }
  // Values beyond the range of int64 become the nearest that fits.
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool>) EventBuilder &set(Name key, Integer value) noexcept {
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    const std::int64_t fitting = std::in_range<std::int64_t>(value) ? static_cast<std::int64_t>(value) : kMax;
    return appended(current() && picket_batch_int(batch_, key.id, fitting) == PICKET_OK);
  }
  template <std::floating_point Float>
  EventBuilder &set(Name key, Float value) noexcept {
    return appended(current() && picket_batch_double(batch_, key.id, static_cast<double>(value)) == PICKET_OK);
  }
  // UTF-8; copied.
  EventBuilder &set(Name key, std::string_view value) noexcept { return heap(key.id, PICKET_TYPE_TEXT, value); }
  // A value of a closed vocabulary: costs no text.
  EventBuilder &set(Name key, Name value) noexcept {
    return appended(current() && picket_batch_name(batch_, key.id, value.id) == PICKET_OK);
  }
  EventBuilder &set_bytes(Name key, std::string_view value) noexcept { return heap(key.id, PICKET_TYPE_BYTES, value); }
  EventBuilder &set_json(Name key, std::string_view json) noexcept { return heap(key.id, PICKET_TYPE_JSON, json); }

  // A field whose key an outside peer chose (at most 65,535 bytes): the key travels inside the batch and is not
  // interned.
  template <typename Value>
  EventBuilder &set_untrusted(std::string_view key, const Value &value) noexcept {
    const std::uint32_t inlined = current() ? picket_batch_inline_key(batch_, to_str(key)) : 0;
    if (inlined == 0) return appended(false);
    return set(Name{inlined}, value);
  }

  // UTC nanoseconds since 1970. Not set: the time of emit.
  EventBuilder &time(std::int64_t time_ns) noexcept {
    if (event_ != nullptr) event_->time_ns = time_ns;
    return *this;
  }
  EventBuilder &severity(Severity severity) noexcept {
    if (event_ != nullptr) event_->severity = static_cast<std::uint32_t>(severity);
    return *this;
  }
  // Not set: the instance's own name.
  EventBuilder &source(Name source) noexcept {
    if (event_ != nullptr) event_->source = source.id;
    return *this;
  }

 private:
  friend class Batch;
  EventBuilder(picket_batch *batch, Name kind) noexcept
      : batch_(batch), fields_before_(batch->field_count), bytes_before_(batch->byte_count) {
    event_ = picket_batch_event(batch, kind.id);
  }
  EventBuilder() = default;

  // Only the last event can grow.
  bool current() const noexcept { return event_ != nullptr && event_ == &batch_->events[batch_->event_count - 1]; }

  EventBuilder &heap(std::uint32_t key, picket_type type, std::string_view value) noexcept {
    return appended(current() && picket_batch_heap(batch_, key, type, to_str(value)) == PICKET_OK);
  }

  EventBuilder &appended(bool done) noexcept {
    if (done || event_ == nullptr) return *this;
    if (current()) {
      --batch_->event_count;
      batch_->field_count = fields_before_;
      batch_->byte_count = bytes_before_;
    }
    event_ = nullptr;
    return *this;
  }

  picket_batch *batch_ = nullptr;
  picket_event *event_ = nullptr;
  std::uint32_t fields_before_ = 0;
  std::uint32_t bytes_before_ = 0;
};

// A block of events under construction. Given back to the host when it was not emitted.
class Batch {
 public:
  // A batch with at least these capacities. `bytes` is the room for texts. Throws Failure (LIMIT) when a capacity is
  // over the host's limit (65,536 events; 1,048,576 fields; 64 MiB) or memory is short.
  Batch(Host host, std::uint32_t events, std::uint32_t fields, std::uint32_t bytes)
      : host_(host.c()), batch_(host_->batch_new(host_->self, events, fields, bytes)) {
    if (batch_ == nullptr) {
      throw Failure("no batch of " + std::to_string(events) + " events, " + std::to_string(fields) + " fields and " +
                        std::to_string(bytes) + " bytes: over a limit of the host, or memory is short",
                    PICKET_LIMIT);
    }
  }
  Batch(Batch &&other) noexcept : host_(other.host_), batch_(std::exchange(other.batch_, nullptr)) {}
  Batch &operator=(Batch &&other) noexcept {
    std::swap(host_, other.host_);
    std::swap(batch_, other.batch_);
    return *this;
  }
  Batch(const Batch &) = delete;
  Batch &operator=(const Batch &) = delete;
  ~Batch() {
    if (batch_ != nullptr) host_->batch_release(host_->self, batch_);
  }

  // False once it was emitted.
  explicit operator bool() const noexcept { return batch_ != nullptr; }
  [[nodiscard]] std::uint32_t size() const noexcept { return batch_ == nullptr ? 0 : batch_->event_count; }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }

  // Begins an event. The builder is false when there is no room for one more (or the batch was emitted).
  EventBuilder add(Name kind) noexcept { return batch_ == nullptr ? EventBuilder() : EventBuilder(batch_, kind); }

  // Offers the batch to every route from this instance and `port`. PICKET_OK: taken, and this object is empty.
  // PICKET_BUSY: still here; Source::on_ready follows. Negative: refused, still here. A non-zero `token` that was
  // taken is answered once through Source::acknowledged.
  [[nodiscard]] picket_status emit(Name port = {}, std::uint64_t token = 0) noexcept {
    if (batch_ == nullptr) return PICKET_INVALID;
    const picket_status status = host_->emit(host_->self, port.id, batch_, token);
    if (status == PICKET_OK) batch_ = nullptr;
    return status;
  }

  [[nodiscard]] picket_batch *c() const noexcept { return batch_; }

 private:
  const picket_host *host_;
  picket_batch *batch_;
};

}  // namespace picket

#endif

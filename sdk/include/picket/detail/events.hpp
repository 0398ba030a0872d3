// SPDX-License-Identifier: Apache-2.0
//
// Reading events: views over a batch that somebody else filled. Views own nothing; they are valid as long as the batch
// is, which is until the delivery is finished. Readable from every thread.
#ifndef PICKET_DETAIL_EVENTS_HPP
#define PICKET_DETAIL_EVENTS_HPP

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>

#include "../batch.h"
#include "../ext/sink.h"
#include "host.hpp"

namespace picket {

class FieldView {
 public:
  FieldView(Host host, const picket_batch *batch, const picket_field *field) noexcept
      : host_(host), batch_(batch), field_(field) {}

  // The key's text, whether it is interned or travels in the batch.
  [[nodiscard]] std::string_view key() const noexcept {
    if ((field_->key & PICKET_KEY_INLINE) != 0) return to_view(picket_batch_inline_key_text(batch_, field_->key));
    return host_.text(Name{field_->key});
  }
  // PICKET_TYPE_...; skip those that you do not know.
  [[nodiscard]] picket_type type() const noexcept { return field_->type; }

  // The value, if it is of that type. A number is also what an integer is; a text is also what a name is.
  [[nodiscard]] std::optional<bool> boolean() const noexcept {
    return type() == PICKET_TYPE_BOOL ? std::optional(field_->value.i != 0) : std::nullopt;
  }
  [[nodiscard]] std::optional<std::int64_t> integer() const noexcept {
    return type() == PICKET_TYPE_INT ? std::optional(field_->value.i) : std::nullopt;
  }
  [[nodiscard]] std::optional<double> number() const noexcept {
    if (type() == PICKET_TYPE_INT) return static_cast<double>(field_->value.i);
    return type() == PICKET_TYPE_DOUBLE ? std::optional(field_->value.f) : std::nullopt;
  }
  [[nodiscard]] std::optional<std::string_view> text() const noexcept {
    if (type() == PICKET_TYPE_NAME) return host_.text(Name{field_->value.name});
    return type() == PICKET_TYPE_TEXT ? std::optional(heap()) : std::nullopt;
  }
  [[nodiscard]] std::optional<std::string_view> bytes() const noexcept {
    return type() == PICKET_TYPE_BYTES ? std::optional(heap()) : std::nullopt;
  }
  [[nodiscard]] std::optional<std::string_view> json() const noexcept {
    return type() == PICKET_TYPE_JSON ? std::optional(heap()) : std::nullopt;
  }

  [[nodiscard]] const picket_field &c() const noexcept { return *field_; }

 private:
  std::string_view heap() const noexcept { return to_view(picket_batch_field_bytes(batch_, field_)); }

  Host host_;
  const picket_batch *batch_;
  const picket_field *field_;
};

namespace detail {

// An index-based iterator over anything with operator[], enough for range-for.
template <typename Range>
class IndexIterator {
 public:
  IndexIterator(const Range *range, std::uint32_t index) noexcept : range_(range), index_(index) {}
  auto operator*() const noexcept { return (*range_)[index_]; }
  IndexIterator &operator++() noexcept {
    ++index_;
    return *this;
  }
  bool operator==(const IndexIterator &other) const noexcept { return index_ == other.index_; }

 private:
  const Range *range_;
  std::uint32_t index_;
};

}  // namespace detail

// One event; as a range, its fields.
class EventView {
 public:
  EventView(Host host, const picket_batch *batch, const picket_event *event) noexcept
      : host_(host), batch_(batch), event_(event) {}

  [[nodiscard]] std::int64_t time_ns() const noexcept { return event_->time_ns; }  // UTC since 1970
  [[nodiscard]] std::uint64_t sequence() const noexcept { return event_->sequence; }
  [[nodiscard]] Name kind() const noexcept { return Name{event_->kind}; }
  [[nodiscard]] Name source() const noexcept { return Name{event_->source}; }
  [[nodiscard]] Severity severity() const noexcept { return static_cast<Severity>(event_->severity); }

  [[nodiscard]] std::uint32_t size() const noexcept { return event_->field_count; }
  [[nodiscard]] FieldView operator[](std::uint32_t index) const noexcept {
    return {host_, batch_, batch_->fields + event_->first_field + index};
  }
  [[nodiscard]] auto begin() const noexcept { return detail::IndexIterator<EventView>(this, 0); }
  [[nodiscard]] auto end() const noexcept { return detail::IndexIterator<EventView>(this, size()); }

  // The first field with this key. Compares numbers only, so it does not see keys that travel in the batch.
  [[nodiscard]] std::optional<FieldView> find(Name key) const noexcept {
    const picket_field *field = picket_batch_find(batch_, event_, key.id);
    return field == nullptr ? std::nullopt : std::optional(FieldView(host_, batch_, field));
  }
  // The same by text, in either form of key.
  [[nodiscard]] std::optional<FieldView> find(std::string_view key) const noexcept {
    for (const FieldView field : *this) {
      if (field.key() == key) return field;
    }
    return std::nullopt;
  }

  [[nodiscard]] const picket_event &c() const noexcept { return *event_; }

 private:
  Host host_;
  const picket_batch *batch_;
  const picket_event *event_;
};

// Some events of one batch, as a range.
class Events {
 public:
  // `selection`: ascending indices into the batch; null: its first `count` events.
  Events(Host host, const picket_batch *batch, const std::uint32_t *selection, std::uint32_t count) noexcept
      : host_(host), batch_(batch), selection_(selection), count_(count) {}

  [[nodiscard]] std::uint32_t size() const noexcept { return count_; }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  // REQUIRES: position < size(). The position is what picket_host.done counts refusals in.
  [[nodiscard]] EventView operator[](std::uint32_t position) const noexcept {
    return {host_, batch_, batch_->events + (selection_ == nullptr ? position : selection_[position])};
  }
  [[nodiscard]] auto begin() const noexcept { return detail::IndexIterator<Events>(this, 0); }
  [[nodiscard]] auto end() const noexcept { return detail::IndexIterator<Events>(this, count_); }

  [[nodiscard]] const picket_batch *batch() const noexcept { return batch_; }

 protected:
  Host host_;

 private:
  const picket_batch *batch_;
  const std::uint32_t *selection_;
  std::uint32_t count_;
};

// One offer to a sink. A small value: copy it to keep it beyond consume(), which is allowed when that answers
// PICKET_PENDING, until done().
class Delivery : public Events {
 public:
  Delivery(Host host, const picket_delivery &delivery) noexcept
      : Events(host, delivery.batch, delivery.selection, delivery.count),
        ticket_(delivery.ticket),
        route_{delivery.route},
        again_((delivery.flags & PICKET_DELIVERY_AGAIN) != 0) {}

  [[nodiscard]] std::uint64_t ticket() const noexcept { return ticket_; }
  [[nodiscard]] Name route() const noexcept { return route_; }
  // Offered before; some of its events may have been handled already.
  [[nodiscard]] bool again() const noexcept { return again_; }

  // Answers a delivery that was kept; see Host::done.
  void done(picket_status status, std::span<const std::uint32_t> refused = {}) const noexcept {
    host_.done(ticket_, status, refused);
  }

 private:
  std::uint64_t ticket_;
  Name route_;
  bool again_;
};

}  // namespace picket

#endif

// SPDX-License-Identifier: Apache-2.0
#include "routing/batch_validate.hpp"

#include <string>
#include <string_view>

#include "routing/utf8.hpp"

namespace picket::routing {
namespace {

// What one part of the batch looked like, to be put behind the place; empty: it is fine.
using Problem = std::string;

Problem over(std::string_view what, std::uint64_t value, std::uint64_t limit) {
  return std::string(what) + " is " + std::to_string(value) + ", the most is " + std::to_string(limit);
}

class Validation {
 public:
  Validation(const picket_batch& batch, std::uint32_t name_count) : batch_(batch), name_count_(name_count) {}

  Result<void> run() {
    if (Problem problem = header(); !problem.empty()) return invalid(problem);
    heap_is_ascii_ = is_ascii({batch_.bytes, batch_.byte_count});
    for (std::uint32_t index = 0; index < batch_.event_count; ++index) {
      Problem problem = event(batch_.events[index]);
      if (!problem.empty()) return invalid("event " + std::to_string(index) + ": " + problem);
    }
    for (std::uint32_t index = 0; index < batch_.field_count; ++index) {
      Problem problem = field(batch_.fields[index]);
      if (!problem.empty()) return invalid(place_of_field(index) + ": " + problem);
    }
    return {};
  }

 private:
  static Error invalid(const std::string& message) { return {"malformed batch: " + message, PICKET_INVALID}; }

  Problem header() const;
  Problem event(const picket_event& event);
  Problem field(const picket_field& field);
  Problem key(std::uint32_t key);
  Problem bytes(const picket_field& field);
  Problem name(std::string_view what, picket_name name) const;
  Problem text(std::string_view what, std::string_view text) const;
  Problem refer(std::uint64_t length);
  std::string place_of_field(std::uint32_t index) const;

  const picket_batch& batch_;
  const std::uint32_t name_count_;
  bool heap_is_ascii_ = false;
  std::uint64_t fields_of_events_ = 0;
  std::uint64_t referenced_ = 0;  // bytes
};

Problem Validation::header() const {
  if (batch_.size < sizeof(picket_batch))
    return "its size is " + std::to_string(batch_.size) + " bytes, which is too small";
  if (batch_.flags != 0) return "it has flags that this daemon does not know";
  if (batch_.event_capacity > kMaxBatchEvents) return over("event_capacity", batch_.event_capacity, kMaxBatchEvents);
  if (batch_.field_capacity > kMaxBatchFields) return over("field_capacity", batch_.field_capacity, kMaxBatchFields);
  if (batch_.byte_capacity > kMaxBatchBytes) return over("byte_capacity", batch_.byte_capacity, kMaxBatchBytes);
  if (batch_.event_count > batch_.event_capacity) return over("event_count", batch_.event_count, batch_.event_capacity);
  if (batch_.field_count > batch_.field_capacity) return over("field_count", batch_.field_count, batch_.field_capacity);
  if (batch_.byte_count > batch_.byte_capacity) return over("byte_count", batch_.byte_count, batch_.byte_capacity);
  if (batch_.event_count != 0 && batch_.events == nullptr) return "it has events but no array of them";
  if (batch_.field_count != 0 && batch_.fields == nullptr) return "it has fields but no array of them";
  if (batch_.byte_count != 0 && batch_.bytes == nullptr) return "it has bytes but no heap";
  return {};
}

// A name of 0 is "none".
Problem Validation::name(std::string_view what, picket_name name) const {
  if (name <= name_count_) return {};
  return std::string(what) + " is name " + std::to_string(name) + ", which was never given out";
}

Problem Validation::event(const picket_event& event) {
  if (event.kind > name_count_) return name("kind", event.kind);
  if (event.source > name_count_) return name("source", event.source);
  if (event.severity > PICKET_SEVERITY_EMERGENCY) return over("severity", event.severity, PICKET_SEVERITY_EMERGENCY);
  if (event.flags != 0) return "it has flags that this daemon does not know";
  const std::uint64_t end = std::uint64_t{event.first_field} + event.field_count;
  if (end > batch_.field_count) return over("the end of its fields", end, batch_.field_count);
  fields_of_events_ += event.field_count;
  if (fields_of_events_ > batch_.field_count) {
    return "its fields and those of the events before it are more than the batch has; events cannot share fields";
  }
  return {};
}

Problem Validation::field(const picket_field& field) {
  if (Problem problem = key(field.key); !problem.empty()) return problem;
  switch (field.type) {
    case PICKET_TYPE_BOOL:
      return field.value.i == 0 || field.value.i == 1
                 ? Problem()
                 : over("its boolean", static_cast<std::uint64_t>(field.value.i), 1);
    case PICKET_TYPE_NAME:
      return field.value.name <= name_count_ ? Problem() : name("its value", field.value.name);
    case PICKET_TYPE_TEXT:
    case PICKET_TYPE_BYTES:
    case PICKET_TYPE_JSON:
      return bytes(field);
    default:
      return {};
  }
}

Problem Validation::key(std::uint32_t key) {
  if ((key & PICKET_KEY_INLINE) == 0) {
    if (key == 0) return "its key is name 0, which is no name";
    return key <= name_count_ ? Problem() : name("its key", key);
  }
  const std::uint64_t offset = key & ~PICKET_KEY_INLINE;
  std::uint64_t end = offset + sizeof(std::uint16_t);
  if (end > batch_.byte_count) return over("the end of its inline key's length", end, batch_.byte_count);
  const picket_str text_of_key = picket_batch_inline_key_text(&batch_, key);
  end += text_of_key.length;
  if (end > batch_.byte_count) return over("the end of its inline key", end, batch_.byte_count);
  if (text_of_key.length == 0) return "its inline key is empty";
  if (Problem problem = refer(text_of_key.length); !problem.empty()) return problem;
  return text("its inline key", {text_of_key.data, static_cast<std::size_t>(text_of_key.length)});
}

Problem Validation::bytes(const picket_field& field) {
  const std::uint64_t end = std::uint64_t{field.value.ref.offset} + field.value.ref.length;
  if (end > batch_.byte_count) return over("the end of its bytes", end, batch_.byte_count);
  if (Problem problem = refer(field.value.ref.length); !problem.empty()) return problem;
  if (field.type == PICKET_TYPE_BYTES || field.value.ref.length == 0) return {};
  return text("its text", {batch_.bytes + field.value.ref.offset, field.value.ref.length});
}

Problem Validation::refer(std::uint64_t length) {
  referenced_ += length;
  return referenced_ <= kMaxBatchReferencedBytes
             ? Problem()
             : over("the length of all texts up to this one", referenced_, kMaxBatchReferencedBytes);
}

Problem Validation::text(std::string_view what, std::string_view text) const {
  if (heap_is_ascii_) return {};
  const std::size_t invalid = first_invalid_utf8(text);
  if (invalid == text.size()) return {};
  return std::string(what) + " is no valid UTF-8 at its byte " + std::to_string(invalid);
}

std::string Validation::place_of_field(std::uint32_t index) const {
  for (std::uint32_t event = 0; event < batch_.event_count; ++event) {
    const std::uint32_t first = batch_.events[event].first_field;
    if (index < first || index - first >= batch_.events[event].field_count) continue;
    return "event " + std::to_string(event) + ", field " + std::to_string(index - first);
  }
  return "field " + std::to_string(index) + " of the batch (in no event)";
}

}  // namespace

Result<void> validate_batch(const picket_batch& batch, std::uint32_t name_count) {
  return Validation(batch, name_count).run();
}

}  // namespace picket::routing

// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/event_writer.hpp"

#include <cstring>

namespace picket::routing {
namespace {

// Room that begin() wants in a batch, so that an event of common size is not torn: more events go to the next batch.
constexpr std::size_t kFieldsOfAnEvent = 1'024;
constexpr std::size_t kBytesOfAnEvent = 1U << 20U;

}  // namespace

void EventWriter::begin_batch(Output& out) {
  out_ = &out;
  events_.clear();
  fields_.clear();
  bytes_.clear();
}

picket_event& EventWriter::begin(picket_name kind) {
  picket_event event{};
  event.kind = kind;
  return begin_copy(event);
}

picket_event& EventWriter::begin_copy(const picket_event& event) {
  if (events_.size() == kMaxBatchEvents || fields_.size() + kFieldsOfAnEvent > kMaxBatchFields ||
      bytes_.size() + kBytesOfAnEvent > kMaxBatchBytes) {
    flush();
  }
  truncated_ = false;
  picket_event& copy = events_.emplace_back(event);
  copy.first_field = static_cast<std::uint32_t>(fields_.size());
  copy.field_count = 0;
  return copy;
}

picket_event& EventWriter::copy(const picket_batch& batch, const picket_event& event) {
  begin_copy(event);
  for (std::uint32_t i = 0; i < event.field_count; ++i) field(batch, batch.fields[event.first_field + i]);
  return events_.back();
}

picket_field* EventWriter::append(std::uint32_t key, picket_type type) {
  if (fields_.size() >= kMaxBatchFields) {
    truncated_ = true;
    return nullptr;
  }
  picket_field& field = fields_.emplace_back();
  field.key = key;
  field.type = type;
  field.value.i = 0;
  ++events_.back().field_count;
  return &field;
}

bool EventWriter::bytes_fit(std::size_t size) {
  if (size <= kMaxBatchBytes - bytes_.size()) return true;
  truncated_ = true;
  return false;
}

bool EventWriter::append_bytes(std::uint32_t key, picket_type type, std::string_view value) {
  if (!bytes_fit(value.size())) return false;
  picket_field* const field = append(key, type);
  if (field == nullptr) return false;
  field->value.ref.offset = static_cast<std::uint32_t>(bytes_.size());
  field->value.ref.length = static_cast<std::uint32_t>(value.size());
  bytes_.insert(bytes_.end(), value.begin(), value.end());
  return true;
}

std::uint32_t EventWriter::key_of(std::string_view key, const Names& names) {
  if (const picket_name known = names.find(key)) return known;
  return inline_key(key);
}

std::uint32_t EventWriter::inline_key(std::string_view key) {
  const auto length = static_cast<std::uint16_t>(key.size());
  if (key.empty() || key.size() > UINT16_MAX || !bytes_fit(key.size() + sizeof length)) return 0;
  const auto offset = static_cast<std::uint32_t>(bytes_.size());
  bytes_.resize(bytes_.size() + sizeof length);
  std::memcpy(bytes_.data() + offset, &length, sizeof length);
  bytes_.insert(bytes_.end(), key.begin(), key.end());
  return PICKET_KEY_INLINE | offset;
}

bool EventWriter::field(const picket_batch& batch, const picket_field& field) {
  std::uint32_t key = field.key;
  // Most fields point at nothing and are the same in any batch.
  const bool points =
      field.type == PICKET_TYPE_TEXT || field.type == PICKET_TYPE_BYTES || field.type == PICKET_TYPE_JSON;
  if (!points && (key & PICKET_KEY_INLINE) == 0 && fields_.size() < kMaxBatchFields) {
    fields_.push_back(field);
    ++events_.back().field_count;
    return true;
  }
  if ((key & PICKET_KEY_INLINE) != 0) {
    const picket_str text = picket_batch_inline_key_text(&batch, key);
    const char* const size = text.data - sizeof(std::uint16_t);  // its length lies before it
    if (!bytes_fit(text.length + sizeof(std::uint16_t))) return false;
    key = PICKET_KEY_INLINE | static_cast<std::uint32_t>(bytes_.size());
    bytes_.insert(bytes_.end(), size, text.data + text.length);
  }
  switch (field.type) {
    case PICKET_TYPE_TEXT:
    case PICKET_TYPE_BYTES:
    case PICKET_TYPE_JSON: {
      const picket_str value = picket_batch_field_bytes(&batch, &field);
      return append_bytes(key, field.type, {value.data, static_cast<std::size_t>(value.length)});
    }
    default:
      if (picket_field* const copy = append(key, field.type)) {
        copy->value = field.value;
        return true;
      }
      return false;
  }
}

bool EventWriter::set_value(std::uint32_t key, const Value& value) {
  picket_field* field = nullptr;
  switch (value.type()) {
    case ValueType::null:
      return append(key, PICKET_TYPE_NULL) != nullptr;
    case ValueType::boolean:
      field = append(key, PICKET_TYPE_BOOL);
      if (field != nullptr) field->value.i = value.as_boolean() ? 1 : 0;
      return field != nullptr;
    case ValueType::integer:
      field = append(key, PICKET_TYPE_INT);
      if (field != nullptr) field->value.i = value.as_integer();
      return field != nullptr;
    case ValueType::real:
      field = append(key, PICKET_TYPE_DOUBLE);
      if (field != nullptr) field->value.f = value.as_real();
      return field != nullptr;
    case ValueType::text:
      return append_bytes(key, PICKET_TYPE_TEXT, value.as_text());
    case ValueType::bytes:
      return append_bytes(key, PICKET_TYPE_BYTES, value.as_text());
  }
  return false;
}

bool EventWriter::set(picket_name key, const Value& value) {
  return set_value(key, value);
}

bool EventWriter::set_integer(picket_name key, std::int64_t value) {
  return set_value(key, Value::integer(value));
}

bool EventWriter::set_real(picket_name key, double value) {
  return set_value(key, Value::real(value));
}

bool EventWriter::set_boolean(picket_name key, bool value) {
  return set_value(key, Value::boolean(value));
}

bool EventWriter::set_name(picket_name key, picket_name value) {
  picket_field* const field = append(key, PICKET_TYPE_NAME);
  if (field != nullptr) field->value.name = value;
  return field != nullptr;
}

bool EventWriter::set_text(picket_name key, std::string_view value) {
  return append_bytes(key, PICKET_TYPE_TEXT, value);
}

bool EventWriter::set_json(picket_name key, std::string_view value) {
  return append_bytes(key, PICKET_TYPE_JSON, value);
}

bool EventWriter::set(std::string_view key, const Names& names, const Value& value) {
  const std::uint32_t written = key_of(key, names);
  return written != 0 && set_value(written, value);
}

bool EventWriter::set_json(std::string_view key, const Names& names, std::string_view value) {
  const std::uint32_t written = key_of(key, names);
  return written != 0 && append_bytes(written, PICKET_TYPE_JSON, value);
}

bool EventWriter::set_inline(std::string_view key, const Value& value) {
  const std::uint32_t written = inline_key(key);
  return written != 0 && set_value(written, value);
}

bool EventWriter::set_inline_json(std::string_view key, std::string_view value) {
  const std::uint32_t written = inline_key(key);
  return written != 0 && append_bytes(written, PICKET_TYPE_JSON, value);
}

void EventWriter::flush() {
  if (events_.empty()) return;
  picket_batch* const batch =
      batch_new(static_cast<std::uint32_t>(events_.size()), static_cast<std::uint32_t>(fields_.size()),
                static_cast<std::uint32_t>(bytes_.size()));
  if (batch == nullptr) throw std::bad_alloc();
  std::memcpy(batch->events, events_.data(), events_.size() * sizeof(picket_event));
  if (!fields_.empty()) std::memcpy(batch->fields, fields_.data(), fields_.size() * sizeof(picket_field));
  if (!bytes_.empty()) std::memcpy(batch->bytes, bytes_.data(), bytes_.size());
  batch->event_count = batch->event_capacity;
  batch->field_count = batch->field_capacity;
  batch->byte_count = batch->byte_capacity;
  events_.clear();
  fields_.clear();
  bytes_.clear();
  out_->add(BatchRef::adopt(batch));
}

}  // namespace picket::routing

// SPDX-License-Identifier: Apache-2.0
#include "routing/spool/batch_codec.hpp"

#include <algorithm>
#include <cstring>

#include "routing/batch_validate.hpp"
#include "routing/utf8.hpp"

namespace picket::routing::spool {
namespace {

// "PBS1" where the machine is little-endian: another byte order or layout is another word.
constexpr std::uint32_t kBatchLayout = 0x31534250U;
constexpr std::uint32_t kMaxNameId = 1U << 20U;  // of what is read: bounds the table that maps ids

struct BatchHeader {
  std::uint32_t layout;
  std::uint32_t events;
  std::uint32_t fields;
  std::uint32_t bytes;
  std::uint32_t names;
  std::uint32_t name_bytes;
};

template <typename T>
void put_raw(std::string& out, const T* items, std::size_t count) {
  if (count != 0) out.append(reinterpret_cast<const char*>(items), count * sizeof(T));
}

Error cannot_keep(const char* why) {
  return {std::string("the batch cannot be spooled: ") + why, PICKET_INVALID};
}

Error no_batch(const char* why) {
  return {std::string("no stored batch: ") + why, PICKET_INVALID};
}

// Takes from the front of what is left.
class Take {
 public:
  explicit Take(std::string_view bytes) : rest_(bytes) {}
  bool raw(void* into, std::size_t size) {
    if (rest_.size() < size) return false;
    if (size != 0) std::memcpy(into, rest_.data(), size);
    rest_.remove_prefix(size);
    return true;
  }
  bool text(std::size_t size, std::string_view& into) {
    if (rest_.size() < size) return false;
    into = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }
  std::size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
};

// From ids of the process that wrote to ids of this one; 0 where there is none.
class NameMap {
 public:
  Result<void> read(Take& take, std::uint32_t count, Names& names);
  // Null when it is not in the dictionary.
  const picket_name* find(picket_name old) const { return old < ids_.size() && ids_[old] != 0 ? &ids_[old] : nullptr; }

 private:
  std::vector<picket_name> ids_;
};

Result<void> NameMap::read(Take& take, std::uint32_t count, Names& names) {
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint32_t old = 0;
    std::uint16_t length = 0;
    std::string_view text;
    if (!take.raw(&old, sizeof old) || !take.raw(&length, sizeof length) || !take.text(length, text)) {
      return no_batch("its dictionary is cut off");
    }
    if (old == 0 || old > kMaxNameId || text.empty() || text.size() > Names::kMaxLength ||
        first_invalid_utf8(text) != text.size()) {
      return no_batch("its dictionary has an impossible name");
    }
    const picket_name name = names.intern(text);
    if (name == 0) return Error{"the table of names is full", PICKET_LIMIT};
    if (ids_.size() <= old) ids_.resize(old + 1, 0);
    ids_[old] = name;
  }
  return {};
}

Result<void> rename_all(picket_batch& batch, const NameMap& map) {
  const auto rename = [&](std::uint32_t& name) {
    if (name == 0) return true;
    const picket_name* const found = map.find(name);
    if (found != nullptr) name = *found;
    return found != nullptr;
  };
  for (std::uint32_t i = 0; i < batch.event_count; ++i) {
    if (!rename(batch.events[i].kind) || !rename(batch.events[i].source)) return no_batch("an event has no name");
  }
  for (std::uint32_t i = 0; i < batch.field_count; ++i) {
    picket_field& field = batch.fields[i];
    if ((field.key & PICKET_KEY_INLINE) == 0 && !rename(field.key)) return no_batch("a key is no name");
    if (field.type == PICKET_TYPE_NAME && !rename(field.value.name)) return no_batch("a value is no name");
  }
  return {};
}

}  // namespace

void BatchEncoder::use(picket_name name) {
  if (name == 0 || used_in_[name] == round_) return;
  used_in_[name] = round_;
  used_.push_back(name);
}

Result<void> BatchEncoder::gather(const picket_batch& batch, const std::uint32_t* selection, std::uint32_t count) {
  std::uint64_t total = 0;
  bool in_order = selection == nullptr;  // then the fields can be taken as they lie
  events_.resize(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const picket_event& event = batch.events[selection == nullptr ? i : selection[i]];
    in_order = in_order && event.first_field == total;
    total += event.field_count;
    events_[i] = event;
  }
  if (total > kMaxBatchFields) return cannot_keep("its events have more fields than a batch can hold");
  in_order = in_order && total == batch.field_count;
  fields_.clear();
  if (in_order) {
    fields_.assign(batch.fields, batch.fields + batch.field_count);
  } else {
    fields_.reserve(total);
    for (picket_event& event : events_) {
      const picket_field* const first = batch.fields + event.first_field;
      event.first_field = static_cast<std::uint32_t>(fields_.size());
      fields_.insert(fields_.end(), first, first + event.field_count);
    }
  }
  // Few events of a large batch take their texts with them; else the heap goes as it is.
  std::uint64_t referenced = 0;
  for (const picket_field& field : fields_) {
    if ((field.key & PICKET_KEY_INLINE) != 0) referenced += Names::kMaxLength;
    if (field.type >= PICKET_TYPE_TEXT && field.type <= PICKET_TYPE_JSON) referenced += field.value.ref.length;
  }
  if (referenced > kMaxBatchReferencedBytes) return cannot_keep("its events share too many texts");
  copies_heap_ = !in_order && referenced < batch.byte_count / 2;
  return {};
}

std::uint32_t BatchEncoder::heap_copy(const char* data, std::size_t length) {
  const auto offset = static_cast<std::uint32_t>(heap_.size());
  heap_.append(data, length);
  return offset;
}

Result<void> BatchEncoder::mend_key(picket_field& field, const picket_batch& batch) {
  if ((field.key & PICKET_KEY_INLINE) == 0) {
    if (!known(field.key)) return cannot_keep("a key is no name");
    use(field.key);
    return {};
  }
  const std::uint64_t offset = field.key & ~PICKET_KEY_INLINE;
  std::uint16_t length = 0;
  if (offset + sizeof length > batch.byte_count) return cannot_keep("a key lies beyond its heap");
  std::memcpy(&length, batch.bytes + offset, sizeof length);
  if (length == 0 || offset + sizeof length + length > batch.byte_count) {
    return cannot_keep("a key lies beyond its heap");
  }
  const std::string_view text(batch.bytes + offset + sizeof length, length);
  if (!heap_is_ascii_ && first_invalid_utf8(text) != text.size()) return cannot_keep("a key is no UTF-8");
  if (copies_heap_) field.key = PICKET_KEY_INLINE | heap_copy(batch.bytes + offset, sizeof length + length);
  return {};
}

void BatchEncoder::mend_value(picket_field& field, const picket_batch& batch) {
  const auto make_null = [&field] {
    field.type = PICKET_TYPE_NULL;
    field.value.i = 0;
  };
  switch (field.type) {
    case PICKET_TYPE_BOOL:
      field.value.i = field.value.i != 0 ? 1 : 0;
      break;
    case PICKET_TYPE_NAME:
      if (field.value.name != 0 && !known(field.value.name)) return make_null();
      use(field.value.name);
      break;
    case PICKET_TYPE_TEXT:
    case PICKET_TYPE_BYTES:
    case PICKET_TYPE_JSON: {
      const std::uint64_t end = std::uint64_t{field.value.ref.offset} + field.value.ref.length;
      if (end > batch.byte_count) return make_null();
      const std::string_view text(batch.bytes + field.value.ref.offset, field.value.ref.length);
      if (!heap_is_ascii_ && field.type != PICKET_TYPE_BYTES && first_invalid_utf8(text) != text.size()) {
        field.type = PICKET_TYPE_BYTES;
      }
      if (copies_heap_) field.value.ref.offset = heap_copy(text.data(), text.size());
      break;
    }
    default:
      break;
  }
}

Result<void> BatchEncoder::mend(const picket_batch& batch) {
  name_count_ = names_.size();
  if (used_in_.size() <= name_count_) used_in_.resize(name_count_ + 1, 0);
  ++round_;
  used_.clear();
  heap_.clear();
  heap_is_ascii_ = is_ascii({batch.bytes, batch.byte_count});
  for (picket_event& event : events_) {
    if (!known(event.kind)) event.kind = 0;
    if (!known(event.source)) event.source = 0;
    use(event.kind);
    use(event.source);
    event.severity = std::min(event.severity, PICKET_SEVERITY_EMERGENCY);
    event.flags = 0;
  }
  for (picket_field& field : fields_) {
    if (auto mended = mend_key(field, batch); !mended.ok()) return mended;
    mend_value(field, batch);
  }
  return {};
}

Result<void> BatchEncoder::encode(const picket_batch& batch, const std::uint32_t* selection, std::uint32_t count,
                                  std::string& out) {
  if (auto gathered = gather(batch, selection, count); !gathered.ok()) return gathered;
  if (auto mended = mend(batch); !mended.ok()) return mended;
  const std::string_view heap =
      copies_heap_ ? std::string_view(heap_) : std::string_view(batch.bytes, batch.byte_count);
  std::size_t name_bytes = 0;
  for (const picket_name name : used_) {
    name_bytes += sizeof(std::uint32_t) + sizeof(std::uint16_t) + names_.text(name).size();
  }
  const BatchHeader header{kBatchLayout,
                           count,
                           static_cast<std::uint32_t>(fields_.size()),
                           static_cast<std::uint32_t>(heap.size()),
                           static_cast<std::uint32_t>(used_.size()),
                           static_cast<std::uint32_t>(name_bytes)};
  out.reserve(out.size() + sizeof header + events_.size() * sizeof(picket_event) +
              fields_.size() * sizeof(picket_field) + heap.size() + name_bytes);
  put_raw(out, &header, 1);
  put_raw(out, events_.data(), events_.size());
  put_raw(out, fields_.data(), fields_.size());
  out.append(heap);
  for (const picket_name name : used_) {
    const std::string_view text = names_.text(name);
    const std::uint32_t id = name;
    const auto length = static_cast<std::uint16_t>(text.size());
    put_raw(out, &id, 1);
    put_raw(out, &length, 1);
    out.append(text);
  }
  return {};
}

Result<BatchRef> decode_batch(std::string_view bytes, Names& names) {
  Take take(bytes);
  BatchHeader header{};
  if (!take.raw(&header, sizeof header)) return no_batch("it is too short");
  if (header.layout != kBatchLayout) return no_batch("it has another layout");
  if (header.events > kMaxBatchEvents || header.fields > kMaxBatchFields || header.bytes > kMaxBatchBytes) {
    return no_batch("it is larger than any batch");
  }
  const std::uint64_t size = std::uint64_t{header.events} * sizeof(picket_event) +
                             std::uint64_t{header.fields} * sizeof(picket_field) + header.bytes + header.name_bytes;
  if (size != take.left()) return no_batch("its length is not what its header says");
  picket_batch* const batch = batch_new(header.events, header.fields, header.bytes);
  if (batch == nullptr) return Error{"memory is short", PICKET_LIMIT};
  BatchRef made = BatchRef::adopt(batch);
  if (!take.raw(batch->events, header.events * sizeof(picket_event)) ||
      !take.raw(batch->fields, header.fields * sizeof(picket_field)) || !take.raw(batch->bytes, header.bytes)) {
    return no_batch("it is too short");
  }
  batch->event_count = header.events;
  batch->field_count = header.fields;
  batch->byte_count = header.bytes;
  NameMap map;
  if (const auto read = map.read(take, header.names, names); !read.ok()) return read.error();
  if (take.left() != 0) return no_batch("something follows its dictionary");
  if (const auto renamed = rename_all(*batch, map); !renamed.ok()) return renamed.error();
  if (const auto valid = validate_batch(*batch, names.size()); !valid.ok()) return valid.error();
  return made;
}

}  // namespace picket::routing::spool

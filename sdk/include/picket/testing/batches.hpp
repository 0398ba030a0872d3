// SPDX-License-Identifier: Apache-2.0
//
// The fake host's names and batches: allocates what picket_host.batch_new promises, checks what emit receives, and
// translates between batches and the plain events of a test. Thread-safe.
#ifndef PICKET_TESTING_BATCHES_HPP
#define PICKET_TESTING_BATCHES_HPP

#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "events.hpp"

namespace picket::testing {

// Interned texts. Ids are dense from 1; texts live as long as this.
class Names {
 public:
  picket_name intern(std::string_view text) {
    const std::lock_guard lock(mutex_);
    if (text.empty() || text.size() > 255) return 0;
    const auto found = ids_.find(text);
    if (found != ids_.end()) return found->second;
    if (texts_.size() >= 65'536) return 0;
    texts_.emplace_back(text);
    const auto id = static_cast<picket_name>(texts_.size());
    ids_.emplace(texts_.back(), id);
    return id;
  }
  std::string_view text(picket_name name) const {
    const std::lock_guard lock(mutex_);
    return name == 0 || name > texts_.size() ? std::string_view() : std::string_view(texts_[name - 1]);
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return texts_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::deque<std::string> texts_;  // never moves a text
  std::map<std::string_view, picket_name, std::less<>> ids_;
};

class Batches {
 public:
  explicit Batches(Names &names) : names_(names) {}

  // One reference, held by the caller; null over the limits of host.h.
  picket_batch *make(std::uint32_t events, std::uint32_t fields, std::uint32_t bytes) {
    if (events > 65'536 || fields > 1'048'576 || bytes > (64U << 20U)) return nullptr;
    auto *block = new Block;
    block->events.resize(events);
    block->fields.resize(fields);
    block->bytes.resize(bytes);
    block->batch.size = sizeof block->batch;
    block->batch.events = block->events.data();
    block->batch.fields = block->fields.data();
    block->batch.bytes = block->bytes.data();
    block->batch.event_capacity = events;
    block->batch.field_capacity = fields;
    block->batch.byte_capacity = bytes;
    const std::lock_guard lock(mutex_);
    all_.insert(&block->batch);
    return &block->batch;
  }
  // False, and nothing happens, for what is no batch (any more).
  bool retain(const picket_batch *batch) {
    const std::lock_guard lock(mutex_);
    if (!all_.contains(batch)) return false;
    ++block_of(batch)->references;
    return true;
  }
  bool release(const picket_batch *batch) {
    const std::lock_guard lock(mutex_);
    if (!all_.contains(batch)) return false;
    Block *block = block_of(batch);
    if (--block->references > 0) return true;
    all_.erase(batch);
    delete block;
    return true;
  }
  // Batches that somebody still holds.
  int live() const {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(all_.size());
  }
  // What was done to a batch that nobody may do; also for what is no batch.
  std::optional<std::string> damage(const picket_batch *batch) const {
    const std::lock_guard lock(mutex_);
    if (!all_.contains(batch)) return "it is no batch of this host, or was released already";
    const Block &block = *block_of(batch);
    const bool intact = batch->events == block.events.data() && batch->fields == block.fields.data() &&
                        batch->bytes == block.bytes.data() && batch->event_capacity == block.events.size() &&
                        batch->field_capacity == block.fields.size() && batch->byte_capacity == block.bytes.size();
    return intact ? std::nullopt : std::optional<std::string>("a pointer or a capacity of it was changed");
  }

  // Why this batch breaks the rules of batch.h, if it does.
  static std::optional<std::string> fault(const picket_batch &batch);

  Event read(const picket_batch &batch, const picket_event &event) const;
  std::vector<Event> read(const picket_batch &batch) const {
    std::vector<Event> events;
    for (std::uint32_t i = 0; i < batch.event_count; ++i) events.push_back(read(batch, batch.events[i]));
    return events;
  }

  // A batch with these events: kinds, sources and keys are interned, texts lie in the heap.
  picket_batch *write(const std::vector<Event> &events);

 private:
  struct Block {
    picket_batch batch{};  // first, so that its address is the block's
    int references = 1;
    std::vector<picket_event> events;
    std::vector<picket_field> fields;
    std::vector<char> bytes;
  };
  static Block *block_of(const picket_batch *batch) {
    return reinterpret_cast<Block *>(const_cast<picket_batch *>(batch));
  }

  std::string key_text(const picket_batch &batch, std::uint32_t key) const {
    if ((key & PICKET_KEY_INLINE) != 0) return std::string(to_view(picket_batch_inline_key_text(&batch, key)));
    return std::string(names_.text(key));
  }
  Value read_value(const picket_batch &batch, const picket_field &field) const;
  static void write_value(picket_batch *batch, picket_name key, const Value &value);

  Names &names_;
  mutable std::mutex mutex_;
  std::set<const picket_batch *> all_;  // guarded by mutex_, and the counts of references
};

inline std::optional<std::string> Batches::fault(const picket_batch &batch) {
  if (batch.event_count > batch.event_capacity || batch.field_count > batch.field_capacity ||
      batch.byte_count > batch.byte_capacity) {
    return "a count is over its capacity";
  }
  const auto in_heap = [&](std::uint64_t offset, std::uint64_t length) { return offset + length <= batch.byte_count; };
  for (std::uint32_t i = 0; i < batch.event_count; ++i) {
    const picket_event &event = batch.events[i];
    const std::string where = "event " + std::to_string(i);
    if (std::uint64_t{event.first_field} + event.field_count > batch.field_count) {
      return where + " has fields outside of the batch";
    }
    if (event.flags != 0) return where + " has unknown flags";
    if (event.kind == 0) return where + " has no kind";
    for (std::uint32_t f = 0; f < event.field_count; ++f) {
      const picket_field &field = batch.fields[event.first_field + f];
      const std::string which = where + " field " + std::to_string(f);
      if (field.key == 0) return which + " has no key";
      if ((field.key & PICKET_KEY_INLINE) != 0) {
        const std::uint64_t offset = field.key & ~PICKET_KEY_INLINE;
        std::uint16_t length = 0;
        if (!in_heap(offset, sizeof length)) return which + " has a key outside of the heap";
        std::memcpy(&length, batch.bytes + offset, sizeof length);
        if (!in_heap(offset + sizeof length, length)) return which + " has a key outside of the heap";
      }
      const bool heaped =
          field.type == PICKET_TYPE_TEXT || field.type == PICKET_TYPE_BYTES || field.type == PICKET_TYPE_JSON;
      if (heaped && !in_heap(field.value.ref.offset, field.value.ref.length)) {
        return which + " has a value outside of the heap";
      }
      if (field.type > PICKET_TYPE_JSON) return which + " has an unknown type";
    }
  }
  return std::nullopt;
}

inline Value Batches::read_value(const picket_batch &batch, const picket_field &field) const {
  const auto heap = [&] { return std::string(to_view(picket_batch_field_bytes(&batch, &field))); };
  switch (field.type) {
    case PICKET_TYPE_BOOL:
      return field.value.i != 0;
    case PICKET_TYPE_INT:
      return field.value.i;
    case PICKET_TYPE_DOUBLE:
      return field.value.f;
    case PICKET_TYPE_NAME:
      return std::string(names_.text(field.value.name));
    case PICKET_TYPE_TEXT:
      return heap();
    case PICKET_TYPE_BYTES:
      return Bytes{heap()};
    case PICKET_TYPE_JSON:
      return Json{heap()};
    default:
      return std::monostate();
  }
}

inline Event Batches::read(const picket_batch &batch, const picket_event &event) const {
  Event plain;
  plain.kind = names_.text(event.kind);
  plain.source = names_.text(event.source);
  plain.time_ns = event.time_ns;
  plain.severity = event.severity;
  plain.sequence = event.sequence;
  for (std::uint32_t f = 0; f < event.field_count; ++f) {
    const picket_field &field = batch.fields[event.first_field + f];
    plain.fields[key_text(batch, field.key)] = read_value(batch, field);
  }
  return plain;
}

inline void Batches::write_value(picket_batch *batch, picket_name key, const Value &value) {
  struct Writer {
    picket_batch *batch;
    picket_name key;
    void operator()(std::monostate) const { picket_batch_field(batch, key, PICKET_TYPE_NULL); }
    void operator()(bool v) const { picket_batch_bool(batch, key, v ? 1 : 0); }
    void operator()(std::int64_t v) const { picket_batch_int(batch, key, v); }
    void operator()(double v) const { picket_batch_double(batch, key, v); }
    void operator()(const std::string &v) const { picket_batch_text(batch, key, to_str(v)); }
    void operator()(const Bytes &v) const { picket_batch_heap(batch, key, PICKET_TYPE_BYTES, to_str(v.data)); }
    void operator()(const Json &v) const { picket_batch_heap(batch, key, PICKET_TYPE_JSON, to_str(v.text)); }
  };
  std::visit(Writer{batch, key}, value);
}

inline picket_batch *Batches::write(const std::vector<Event> &events) {
  std::size_t fields = 0;
  std::size_t bytes = 0;
  for (const Event &event : events) {
    fields += event.fields.size();
    for (const auto &[key, value] : event.fields) {
      if (const auto *text = std::get_if<std::string>(&value)) bytes += text->size();
      if (const auto *data = std::get_if<Bytes>(&value)) bytes += data->data.size();
      if (const auto *json = std::get_if<Json>(&value)) bytes += json->text.size();
    }
  }
  picket_batch *batch = make(static_cast<std::uint32_t>(events.size()), static_cast<std::uint32_t>(fields),
                             static_cast<std::uint32_t>(bytes));
  if (batch == nullptr) throw std::runtime_error("a batch of the test is over the limits of host.h");
  for (const Event &event : events) {
    picket_event *written = picket_batch_event(batch, names_.intern(event.kind));
    written->time_ns = event.time_ns;
    written->sequence = event.sequence;
    written->severity = event.severity;
    written->source = event.source.empty() ? 0 : names_.intern(event.source);
    for (const auto &[key, value] : event.fields) write_value(batch, names_.intern(key), value);
  }
  return batch;
}

}  // namespace picket::testing

#endif

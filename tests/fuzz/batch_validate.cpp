// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a batch: what validate_batch lets pass can be read in full without a step outside its memory.
// The input: one byte with the number of events, one with the number of fields, the events and the fields as they lie
// in memory, and the rest as the byte heap.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "picket/batch.h"
#include "routing/batch_validate.hpp"
#include "routing/expression/expression.hpp"
#include "routing/names.hpp"
#include "routing/utf8.hpp"

namespace {

using picket::routing::Filter;
using picket::routing::Names;

struct Setting {
  Names names;
  Filter filter;

  Setting() : filter(make(names)) {}

  static Filter make(Names& names) {
    for (const char* name : {"log", "metric", "name", "value", "message", "host"}) names.intern(name);
    return Filter::compile("concat(name, text(value), upper(message), source, kind) like '*a*' or `peer key` == 'x'",
                           names)
        .value();
  }
};

std::size_t take(void* to, std::size_t wanted, const std::uint8_t*& data, std::size_t& size) {
  const std::size_t taken = wanted < size ? wanted : size;
  if (taken != 0) std::memcpy(to, data, taken);
  data += taken;
  size -= taken;
  return taken;
}

void require_text(const char* data, std::uint64_t length) {
  if (!picket::routing::is_valid_utf8({data, static_cast<std::size_t>(length)})) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Setting setting;
  std::uint8_t events = 0;
  std::uint8_t fields = 0;
  take(&events, 1, data, size);
  take(&fields, 1, data, size);
  // Of the exact sizes, so that a sanitizer sees every step beyond.
  std::vector<picket_event> event_array(events);
  std::vector<picket_field> field_array(fields);
  take(event_array.data(), events * sizeof(picket_event), data, size);
  take(field_array.data(), fields * sizeof(picket_field), data, size);
  std::vector<char> heap(data, data + size);
  picket_batch batch = {};
  batch.size = sizeof batch;
  batch.events = event_array.data();
  batch.fields = field_array.data();
  batch.bytes = heap.data();
  batch.event_count = batch.event_capacity = events;
  batch.field_count = batch.field_capacity = fields;
  batch.byte_count = batch.byte_capacity = static_cast<std::uint32_t>(heap.size());

  const picket::Result<void> result = picket::routing::validate_batch(batch, setting.names.size());
  if (!result) {
    if (result.error().message.empty()) std::abort();
    return 0;
  }
  std::vector<std::uint32_t> selection(batch.event_count + 1U);
  if (setting.filter.select(batch, selection.data()) > batch.event_count) std::abort();
  for (const picket_field& field : field_array) {
    if ((field.key & PICKET_KEY_INLINE) != 0) {
      const picket_str key = picket_batch_inline_key_text(&batch, field.key);
      require_text(key.data, key.length);
    }
    if (field.type == PICKET_TYPE_TEXT || field.type == PICKET_TYPE_JSON) {
      const picket_str value = picket_batch_field_bytes(&batch, &field);
      require_text(value.data, value.length);
    }
  }
  return 0;
}

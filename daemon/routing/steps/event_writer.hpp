// SPDX-License-Identifier: Apache-2.0
//
// Writes events into a new batch of just the right size: copies of events with some fields changed, or events of a
// step's own. Its memory is kept from batch to batch. One thread at a time.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "routing/batch.hpp"
#include "routing/expression/value.hpp"
#include "routing/steps/step.hpp"

namespace picket::routing {

class EventWriter {
 public:
  // The limits of one batch hold; a batch that is full is handed to `out` at the next begin.
  explicit EventWriter(Output& out) : out_(&out) {}
  EventWriter() = default;
  // For writers that live longer than one call; what a call that failed left behind is forgotten.
  void begin_batch(Output& out);

  // A new event without fields; its parts can be set through the reference, until the next call. Time 0 and sequence 0
  // are given by the router. An event that is written in place of another keeps that one's sequence.
  picket_event& begin(picket_name kind);
  // A copy of `event`'s parts without its fields.
  picket_event& begin_copy(const picket_event& event);
  // A copy of `event` with all its fields.
  picket_event& copy(const picket_batch& batch, const picket_event& event);

  // Append a field to the last event. Nothing happens, and false is returned, when it does not fit into a batch.
  bool field(const picket_batch& batch, const picket_field& field);  // a copy of another batch's
  bool set(picket_name key, const Value& value);                     // null: a field that is null
  bool set_integer(picket_name key, std::int64_t value);
  bool set_real(picket_name key, double value);
  bool set_boolean(picket_name key, bool value);
  bool set_name(picket_name key, picket_name value);
  bool set_text(picket_name key, std::string_view value);
  bool set_json(picket_name key, std::string_view value);
  // With a key that an outside peer chose: interned only if it is interned already. At most 65,535 bytes.
  bool set(std::string_view key, const Names& names, const Value& value);
  bool set_json(std::string_view key, const Names& names, std::string_view value);
  // The same for who has asked Names already: a key that is not interned, or that nobody minds inside of the batch.
  bool set_inline(std::string_view key, const Value& value);
  bool set_inline_json(std::string_view key, std::string_view value);

  // Whether the last event lost a field to the limits of a batch.
  bool truncated() const { return truncated_; }
  std::uint32_t event_count() const { return static_cast<std::uint32_t>(events_.size()); }

  // Hands what was written to the output as a batch; nothing if nothing was.
  void flush();

 private:
  picket_field* append(std::uint32_t key, picket_type type);
  bool append_bytes(std::uint32_t key, picket_type type, std::string_view value);
  bool set_value(std::uint32_t key, const Value& value);
  std::uint32_t key_of(std::string_view key, const Names& names);  // 0: does not fit
  std::uint32_t inline_key(std::string_view key);                  // the same
  bool bytes_fit(std::size_t size);

  Output* out_ = nullptr;
  bool truncated_ = false;
  std::vector<picket_event> events_;
  std::vector<picket_field> fields_;
  std::vector<char> bytes_;
};

}  // namespace picket::routing

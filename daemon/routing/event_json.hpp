// SPDX-License-Identifier: Apache-2.0
//
// One event as JSON text and back, in the format that people type, capture and replay: `picket explain`, `picket test`,
// the flight recorder, spool exports. For settings-speed work; a server that takes millions of events has a faster
// reader of the same format.
//
//   {"time": "2026-12-01T10:00:00.123456789Z", "sequence": 7, "kind": "metric", "source": "host", "severity": "info",
//    "name": "cpu", "value": 0.5, "message": "...", "fields": {"cpu.mode": "user", ...}}
//
// - `time` is RFC 3339 or integer nanoseconds since 1970; `severity` a name or 0 to 9. All parts may be absent, or
// null.
// - `name`, `value`, `message` and every other key at the top are fields, as is everything in `fields`, where also
//   fields that are called like a part have their place. Nested objects become dotted keys. Of the fields of an event
//   with the same key the first is written; a text that has one twice is refused.
// - Arrays, `{}` and integers beyond 64 bits stay JSON text; bytes are {"$base64": "..."}. NaN and infinities, for
// which
//   JSON has no word, are written as null. All else comes back as it was, but for names, which come back as text (the
//   field `name`: as a name, where it may).
//
// Any thread; a reader is used by one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "picket/batch.h"
#include "picket/result.hpp"
#include "routing/batch.hpp"
#include "routing/expression/expression.hpp"
#include "routing/names.hpp"
#include "routing/steps/event_writer.hpp"

namespace picket::routing {

struct EventJsonOptions {
  // lookup_only is for text that an outside peer chose: keys that are no known names go into the batch (see batch.h), a
  // kind or a source that is none is an error. With `intern`, for files of the operator, all become names.
  NamePolicy names = NamePolicy::lookup_only;
  std::string default_kind = "log";  // of an event that does not say; interned
  bool keep_sequence = false;        // else the sequence of the text is dropped, and the router gives a new one
  // Limits of one event.
  std::size_t max_bytes = 1U << 20U;  // of the text
  std::size_t max_depth = 16;         // of objects and arrays; the event itself is the first
  std::size_t max_fields = 1'024;     // at most 1,024
};

// Longest key, with its dots.
inline constexpr std::size_t kMaxEventJsonKey = Names::kMaxLength;

// Why a text is no event.
struct EventJsonError {
  std::string message;     // one sentence; what it quotes of the text is printable
  std::size_t offset = 0;  // the byte, from 0, where it goes wrong: of a wrong value, where its key begins
  std::string pointer;     // JSON pointer to the value; empty: the whole

  // "byte 17: `severity`: ...".
  std::string text() const;
};

class EventJsonReader {
 public:
  // `names` outlives it.
  explicit EventJsonReader(Names& names, EventJsonOptions options = {});
  ~EventJsonReader();
  EventJsonReader(const EventJsonReader&) = delete;
  EventJsonReader& operator=(const EventJsonReader&) = delete;

  // Appends the event that `text` (one JSON object, UTF-8) is to `writer`, or says why not and appends nothing.
  std::optional<EventJsonError> read(std::string_view text, EventWriter& writer);
  // The same as a batch of its own.
  Result<BatchRef> read(std::string_view text);

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

// Appends `event`, one line without a line break, to `out`. REQUIRES: the batch passes validate_batch; texts that are
// no UTF-8 nevertheless have their bad bytes replaced.
void append_event_json(const picket_batch& batch, const picket_event& event, const Names& names, std::string& out);
std::string event_json(const picket_batch& batch, const picket_event& event, const Names& names);

// The value of one field as JSON: what append_event_json writes for it.
void append_field_json(const picket_batch& batch, const picket_field& field, const Names& names, std::string& out);
// The key of a field, interned or not. Lives as long as the batch and the table.
std::string_view field_key(const picket_batch& batch, const picket_field& field, const Names& names);

// "warning" for 5; empty for 0 and for numbers that are no severity. And back, with the aliases `warn` and `err`.
std::string_view severity_text(std::uint32_t severity);
std::optional<std::uint32_t> severity_of(std::string_view text);

}  // namespace picket::routing

// SPDX-License-Identifier: Apache-2.0
//
// What a format found in one text: fields with keys that an outside peer chose, and what it says about the event
// itself. Filled by a Format, then asked and written by the step. Its memory is kept from text to text; what it takes
// is bounded by the number of fields, whose keys have at most Names::kMaxLength bytes, and by the text. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "routing/expression/value.hpp"
#include "routing/names.hpp"
#include "routing/steps/parse/arena.hpp"
#include "routing/steps/parse/key_table.hpp"

namespace picket::routing::parse {

// A key that settings name, as it is looked for in each text.
struct WantedKey {
  explicit WantedKey(std::string key) : text(std::move(key)), hash(hash_key(text)) {}
  std::string text;
  std::uint64_t hash;
};

class Reading {
 public:
  struct Found {
    std::uint64_t hash;
    std::string_view key;
    picket_name name;  // of `key`; 0: it is not interned
    bool json;         // `value` is a text of JSON
    bool gone;         // a later one has the same key, or it became a part of the event
    Value value;
  };

  // `prefix` stands before every key. `max_fields` counts those with the same key as well.
  Reading(const Names& names, std::string_view prefix, std::size_t max_fields);

  // Forgets everything; `text` is what will be read. `event_time_ns`: UTC, what a time without a year is near to.
  void begin(std::string_view text, std::int64_t event_time_ns);

  // --- for formats. `key` is copied; texts in `value` stay where they are until the next begin(). An empty answer
  // means that the field was added, anything else is the reason why not: a text that lives for ever.
  std::string_view add(std::string_view key, const Value& value) { return append(key, value, false); }
  std::string_view add_json(std::string_view key, std::string_view value) {
    return append(key, Value::text(value), true);
  }
  // A piece of the text: bytes if it is not UTF-8.
  std::string_view add_text(std::string_view key, std::string_view value) {
    return append(key, text_value(value), false);
  }
  Value text_value(std::string_view piece) const;

  // Puts `part` and a dot before the keys that follow, until leave() with the answer.
  std::size_t enter(std::string_view part);
  void leave(std::size_t mark) { key_.resize(mark); }

  // Memory until the next begin().
  Arena& arena() { return arena_; }
  // Whether the whole text is UTF-8; then so is each piece that was cut at characters.
  bool is_utf8() const { return is_utf8_; }
  std::int64_t event_time_ns() const { return event_time_ns_; }

  std::optional<std::int64_t> time_ns;    // UTC, that the text gives the event
  std::optional<std::uint32_t> severity;  // PICKET_SEVERITY_..., that the text gives the event

  // --- for the step, once the format is done
  // Of fields with one key the last stays. Before any of the following.
  void finish();
  // Null when there is none, or it is gone.
  Found* find(std::string_view key, std::uint64_t hash);
  Found* find(const WantedKey& key) { return find(key.text, key.hash); }
  // In the order of the text; some are gone.
  std::span<const Found> fields() const { return found_; }

 private:
  std::string_view append(std::string_view key, const Value& value, bool json);

  const Names& names_;
  KeyTable keys_;
  const std::size_t prefix_;  // bytes
  const std::size_t max_fields_;
  std::string key_;  // the prefix and what was entered; append() puts the key behind it for a moment
  Arena arena_;
  bool is_utf8_ = true;
  std::int64_t event_time_ns_ = 0;
  std::vector<Found> found_;
  std::vector<std::uint32_t> order_;  // of many fields: their indices by hash and key, empty for a few
};

}  // namespace picket::routing::parse

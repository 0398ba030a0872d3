// SPDX-License-Identifier: Apache-2.0
//
// Which events belong together: the key of an event's group as bytes, and from the key back to what it was made of.
// Used by the steps that keep state for each group (rate, aggregate, threshold, forecast), on the route's lane.
#pragma once

#include <cstring>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "routing/batch.hpp"
#include "routing/expression/nodes.hpp"
#include "routing/steps/event_writer.hpp"

namespace picket::routing {

// The bytes are process-local (they hold ids of names) and never ordered or sent.
struct GroupKey {
  std::string_view bytes;
  std::uint32_t hash = 0;
};

// Puts `bytes` with its hash.
GroupKey make_group_key(std::string_view bytes);

// Names and TEXT fields with equal text are equal, and so are 5 and 5.0.
class Grouping {
 public:
  static constexpr std::size_t kMaxKeyBytes = 4'096;  // an event with a longer key has no group
  static constexpr std::size_t kMaxFields = 256;      // fields of an event that is grouped as a series

  // `settings` has the list "by", or not. Without it an event's group is its series: source, kind and, of a metric,
  // every field but `value` and process ids. Elements of the list are `source`, `kind`, `severity`, and fields as
  // expressions name them (fields.kind, `odd key`). The empty list is one group of all events. Throws
  // std::runtime_error for what check_element() refuses.
  Grouping(const nlohmann::json& settings, Names& names);

  // The key of the field that an element of the list names, empty for a part of the event; or what is wrong with it.
  static CompileResult<std::string> check_element(std::string_view element, Names& names);

  // False when the event cannot be grouped (see the limits). The key is good until the next call.
  bool key_of(const picket_batch& batch, const picket_event& event, GroupKey& key);

  // True when groups are series.
  bool series() const { return series_; }
  // True when the field `key` is among what tells groups apart; of series: always.
  bool tells_apart(std::string_view key) const;

  // --- back from a key ---
  static picket_name source(std::string_view key) { return part(key, 0); }      // 0: not part of it
  static picket_name kind(std::string_view key) { return part(key, 1); }        // 0: likewise
  static std::uint32_t severity(std::string_view key) { return part(key, 2); }  // 0: likewise

  struct Label {
    std::uint32_t name = 0;     // the field's key; 0 when it is not interned
    std::string_view key_text;  // then this is its text
    Value value;
    bool json = false;  // the text is JSON
  };
  // Takes the next label off `labels`, which was labels_of(key). False at the end.
  static std::string_view labels_of(std::string_view key) { return key.substr(kParts); }
  static bool next(std::string_view& labels, Label& label);

  // Appends the labels to the writer's last event, without the field `except` (0: all of them). Texts that have an
  // interned name are written as names.
  static void write(std::string_view key, EventWriter& writer, const Names& names, picket_name except);

 private:
  static constexpr std::size_t kParts = 3 * sizeof(std::uint32_t);

  static std::uint32_t part(std::string_view key, std::size_t index) {
    std::uint32_t value = 0;
    std::memcpy(&value, key.data() + index * sizeof value, sizeof value);
    return value;
  }

  bool excluded(std::uint32_t key) const;
  bool append_series(const picket_batch& batch, const picket_event& event);
  void append_label(const picket_batch& batch, std::uint32_t key, std::string_view key_text, const picket_field& field);
  void append_value(const Value& value, bool json);
  void append_text(char type, std::string_view text);
  template <typename Word>
  void append(Word word) {
    bytes_.append(reinterpret_cast<const char*>(&word), sizeof word);
  }

  const Names* names_;
  bool series_ = true;
  bool by_source_ = false;
  bool by_kind_ = false;
  bool by_severity_ = false;
  std::vector<expression::FieldKey> by_;
  picket_name metric_ = 0;
  std::vector<picket_name> excluded_;        // no part of a series
  std::vector<const picket_field*> sorted_;  // scratch
  std::string bytes_;                        // scratch: the last key
};

}  // namespace picket::routing

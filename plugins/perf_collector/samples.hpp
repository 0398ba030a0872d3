// SPDX-License-Identifier: Apache-2.0
//
// The values of one tick, written by the groups and handed on as one batch (or as JSON, for the command `collect`).
// It has the layout of a batch, so handing over is three copies into a block of exactly the right size; its own memory
// is kept from tick to tick, so a steady tick allocates nothing here. Used on the [control] thread.
#pragma once

#include <picket/host.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vocabulary.hpp"

namespace picket::perf_collector {

class Samples {
 public:
  // `vocabulary` outlives this.
  explicit Samples(const Vocabulary& vocabulary);

  // Forgets everything; what is added from now on is stamped with `time_ns` (UTC).
  void begin(std::int64_t time_ns);

  // One value of `metric` (an id of the vocabulary). Attributes follow through set(), which belongs to the last add().
  // Metric 0, one that the settings do not want, is passed over together with its attributes.
  Samples& add(picket_name metric, double value);
  Samples& add(picket_name metric, std::int64_t value);
  Samples& set(picket_name key, picket_name value);
  Samples& set_number(picket_name key, std::int64_t value);
  Samples& set_text(picket_name key, std::string_view value);

  std::int64_t time_ns() const { return time_ns_; }

  // What a batch needs at least to take everything.
  std::uint32_t event_count() const { return static_cast<std::uint32_t>(events_.size()); }
  std::uint32_t field_count() const { return static_cast<std::uint32_t>(fields_.size()); }
  std::uint32_t byte_count() const { return static_cast<std::uint32_t>(bytes_.size()); }

  // Replaces what `batch` holds. REQUIRES: its capacities are at least those above.
  void copy_to(picket_batch& batch) const;

  // A batch-shaped view for readers; valid until the next change.
  picket_batch view();

  // {"time_ns": n, "metrics": [{"name": ..., "unit": ..., "value": n, "attributes": {...}}, ...]}
  std::string to_json() const;

 private:
  picket_field& append(picket_name key, picket_type type);
  picket_field& append_event(picket_name metric, picket_type type);

  const Vocabulary& vocabulary_;
  std::int64_t time_ns_ = 0;
  bool passing_over_ = false;  // the last add() was of metric 0
  std::vector<picket_event> events_;
  std::vector<picket_field> fields_;
  std::vector<char> bytes_;
};

}  // namespace picket::perf_collector

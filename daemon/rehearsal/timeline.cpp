// SPDX-License-Identifier: Apache-2.0
#include "rehearsal/timeline.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "routing/event_json.hpp"

namespace picket::rehearsal {
namespace {

// A copy that may be changed until it is emitted.
picket_batch* copy_of_batch(const picket_batch& batch) {
  picket_batch* const copy = routing::batch_new(batch.event_count, batch.field_count, batch.byte_count);
  if (copy == nullptr) throw std::bad_alloc();
  std::memcpy(copy->events, batch.events, batch.event_count * sizeof(picket_event));
  if (batch.field_count != 0) std::memcpy(copy->fields, batch.fields, batch.field_count * sizeof(picket_field));
  if (batch.byte_count != 0) std::memcpy(copy->bytes, batch.bytes, batch.byte_count);
  copy->event_count = batch.event_count;
  copy->field_count = batch.field_count;
  copy->byte_count = batch.byte_count;
  return copy;
}

// Integers stay integers as long as they grow by whole numbers.
void grow_field(picket_field& field, double by, std::uint64_t times) {
  const double growth = by * static_cast<double>(times);
  constexpr double kExact = 9e15;
  const bool whole = growth == static_cast<double>(static_cast<std::int64_t>(growth)) && growth < kExact;
  if (field.type == PICKET_TYPE_INT && growth > -kExact && whole) {
    const auto sum =
        static_cast<std::uint64_t>(field.value.i) + static_cast<std::uint64_t>(static_cast<std::int64_t>(growth));
    field.value.i = static_cast<std::int64_t>(sum);
  } else if (field.type == PICKET_TYPE_INT) {
    field.value.f = static_cast<double>(field.value.i) + growth;
    field.type = PICKET_TYPE_DOUBLE;
  } else if (field.type == PICKET_TYPE_DOUBLE) {
    field.value.f += growth;
  }
}

}  // namespace

Result<Timeline> Timeline::make(const config::Test& test, routing::Names& names) {
  Timeline timeline(test, names);
  routing::EventJsonOptions options;
  options.names = routing::NamePolicy::intern;
  routing::EventJsonReader reader(names, options);
  for (const config::TestEvents& item : test.events) {
    Generator generator;
    generator.item = &item;
    if (item.file.empty()) {
      auto event = reader.read(item.event);
      if (!event) return Error{event.error().message, PICKET_INVALID};
      generator.event = std::move(*event);
    } else {
      auto captured = read_capture(item.file, names);
      if (!captured) return captured.error();
      for (const CapturedEvent& each : *captured) {
        if (!item.instance.empty() || !each.source.empty()) continue;
        return Error{item.file + ":" + std::to_string(each.line) + ": the event has no `source`; say `from: INSTANCE`",
                     PICKET_INVALID};
      }
      generator.captured = std::move(*captured);
    }
    timeline.generators_.push_back(std::move(generator));
    timeline.queue(timeline.generators_.size() - 1, item.at_ns);
  }
  return timeline;
}

// Sets the turn of what comes next from it, if there is anything.
void Timeline::queue(std::size_t index, std::int64_t not_before_ns) {
  const Generator& generator = generators_[index];
  if (generator.item->file.empty()) {
    if (generator.done == generator.item->times) return;
    turns_.push({generator.item->at_ns + static_cast<std::int64_t>(generator.done) * generator.item->every_ns, index});
    return;
  }
  if (generator.done == generator.captured.size()) return;
  const CapturedEvent& event = generator.captured[generator.done];
  const std::int64_t first = generator.captured.front().time_ns;
  // One without a time follows the one before it at once; so does one that is older, with its own time.
  const std::int64_t after = event.time_ns == 0 || first == 0 ? 0 : event.time_ns - first;
  turns_.push({std::max(not_before_ns, generator.item->at_ns + after), index});
}

picket_batch* Timeline::repeated(const Generator& generator) const {
  picket_batch* const batch = copy_of_batch(*generator.event);
  picket_event& event = batch->events[0];
  if (event.time_ns != 0) event.time_ns += static_cast<std::int64_t>(generator.done) * generator.item->every_ns;
  for (const auto& [key, by] : generator.item->grow) {
    for (std::uint32_t i = 0; i < event.field_count; ++i) {
      picket_field& field = batch->fields[event.first_field + i];
      if (routing::field_key(*batch, field, *names_) == key) grow_field(field, by, generator.done);
    }
  }
  return batch;
}

picket_batch* Timeline::captured(const Generator& generator) const {
  const CapturedEvent& captured = generator.captured[generator.done];
  picket_batch* const batch = copy_of_batch(*captured.batch);
  const std::int64_t first = generator.captured.front().time_ns;
  picket_event& event = batch->events[0];
  const bool placed = captured.time_ns != 0 && first != 0;
  event.time_ns = placed ? test_->start_ns + generator.item->at_ns + (captured.time_ns - first) : 0;
  return batch;
}

bool Timeline::next(Emission& emission) {
  if (turns_.empty()) return false;
  const Turn turn = turns_.top();
  turns_.pop();
  Generator& generator = generators_[turn.generator];
  const bool of_file = !generator.item->file.empty();
  emission.at_ns = turn.at_ns;
  emission.instance = generator.item->instance;
  if (emission.instance.empty()) emission.instance = generator.captured[generator.done].source;
  emission.port = generator.item->port;
  emission.batch = of_file ? captured(generator) : repeated(generator);
  ++generator.done;
  queue(turn.generator, turn.at_ns);
  return true;
}

}  // namespace picket::rehearsal

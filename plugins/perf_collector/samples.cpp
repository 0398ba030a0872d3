// SPDX-License-Identifier: Apache-2.0
//
// Rows of a tick; see samples.hpp.
#include "samples.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace picket::perf_collector {

Samples::Samples(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

void Samples::begin(std::int64_t time_ns) {
  time_ns_ = time_ns;
  events_.clear();
  fields_.clear();
  bytes_.clear();
}

picket_field& Samples::append(picket_name key, picket_type type) {
  picket_field& field = fields_.emplace_back();
  field.key = key;
  field.type = type;
  ++events_.back().field_count;
  return field;
}

picket_field& Samples::append_event(picket_name metric, picket_type type) {
  picket_event& event = events_.emplace_back();
  event.time_ns = time_ns_;
  event.kind = vocabulary_.kind();
  event.first_field = static_cast<std::uint32_t>(fields_.size());
  append(vocabulary_.key(), PICKET_TYPE_NAME).value.name = metric;
  return append(vocabulary_.value(), type);
}

Samples& Samples::add(picket_name metric, double value) {
  passing_over_ = metric == 0;
  if (passing_over_) return *this;
  append_event(metric, PICKET_TYPE_DOUBLE).value.f = value;
  return *this;
}

Samples& Samples::add(picket_name metric, std::int64_t value) {
  passing_over_ = metric == 0;
  if (passing_over_) return *this;
  append_event(metric, PICKET_TYPE_INT).value.i = value;
  return *this;
}

Samples& Samples::set(picket_name key, picket_name value) {
  if (passing_over_) return *this;
  append(key, PICKET_TYPE_NAME).value.name = value;
  return *this;
}

Samples& Samples::set_number(picket_name key, std::int64_t value) {
  if (passing_over_) return *this;
  append(key, PICKET_TYPE_INT).value.i = value;
  return *this;
}

Samples& Samples::set_text(picket_name key, std::string_view value) {
  if (passing_over_) return *this;
  picket_field& field = append(key, PICKET_TYPE_TEXT);
  field.value.ref.offset = static_cast<std::uint32_t>(bytes_.size());
  field.value.ref.length = static_cast<std::uint32_t>(value.size());
  bytes_.insert(bytes_.end(), value.begin(), value.end());
  return *this;
}

void Samples::copy_to(picket_batch& batch) const {
  std::copy(events_.begin(), events_.end(), batch.events);
  std::copy(fields_.begin(), fields_.end(), batch.fields);
  std::copy(bytes_.begin(), bytes_.end(), batch.bytes);
  batch.event_count = event_count();
  batch.field_count = field_count();
  batch.byte_count = byte_count();
}

picket_batch Samples::view() {
  picket_batch batch{};
  batch.size = sizeof batch;
  batch.events = events_.data();
  batch.fields = fields_.data();
  batch.bytes = bytes_.data();
  batch.event_count = batch.event_capacity = event_count();
  batch.field_count = batch.field_capacity = field_count();
  batch.byte_count = batch.byte_capacity = byte_count();
  return batch;
}

std::string Samples::to_json() const {
  nlohmann::ordered_json metrics = nlohmann::ordered_json::array();
  const auto value_of = [this](const picket_field& field) -> nlohmann::ordered_json {
    switch (field.type) {
      case PICKET_TYPE_INT:
        return field.value.i;
      case PICKET_TYPE_DOUBLE:
        return field.value.f;
      case PICKET_TYPE_NAME:
        return std::string(vocabulary_.text(field.value.name));
      default:
        return std::string(bytes_.data() + field.value.ref.offset, field.value.ref.length);
    }
  };
  for (const picket_event& event : events_) {
    const picket_field* field = fields_.data() + event.first_field;
    nlohmann::ordered_json metric;
    metric["name"] = value_of(field[0]);
    metric["unit"] = std::string(vocabulary_.unit(field[0].value.name));
    metric["value"] = value_of(field[1]);
    nlohmann::ordered_json attributes = nlohmann::ordered_json::object();
    for (std::uint32_t i = 2; i < event.field_count; ++i) {
      attributes[std::string(vocabulary_.text(field[i].key))] = value_of(field[i]);
    }
    metric["attributes"] = std::move(attributes);
    metrics.push_back(std::move(metric));
  }
  nlohmann::ordered_json all;
  all["time_ns"] = time_ns_;
  all["metrics"] = std::move(metrics);
  // A command name may hold any bytes: what is no UTF-8 is replaced, not refused.
  return all.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace picket::perf_collector

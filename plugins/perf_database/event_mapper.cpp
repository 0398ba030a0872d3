// SPDX-License-Identifier: Apache-2.0
#include "event_mapper.hpp"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

namespace picket::perf_database {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxName = 255;          // bytes, also of a host
constexpr std::size_t kMaxAttributes = 4'096;  // bytes of JSON
constexpr std::size_t kMaxMessage = 4'096;     // bytes; longer ones are cut
constexpr std::size_t kMaxFields = 16'384;     // bytes of JSON; fields beyond are left out
constexpr std::size_t kMaxKnown = 200'000;     // remembered events; a sender of ever new ones must not fill memory

// Which process it was is no part of what was measured: with it, every restart would begin a new series.
constexpr std::array<std::string_view, 3> kNotIdentity = {"pid", "process.pid", "process.parent_pid"};

json json_of(const FieldView& field) {
  if (const auto value = field.boolean()) return *value;
  if (const auto value = field.integer()) return *value;
  if (const auto value = field.number()) return std::isfinite(*value) ? json(*value) : json(std::to_string(*value));
  if (const auto value = field.text()) return *value;
  if (const auto value = field.json()) return *value;
  return nullptr;
}

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);  // whatever bytes came, UTF-8 goes out
}

// At most `limit` bytes, never half a character.
std::string cut(std::string_view text, std::size_t limit) {
  return std::string(text.substr(0, detail::whole_utf8(text, limit)));
}

std::optional<double> value_of(const std::optional<FieldView>& field) {
  if (!field) return std::nullopt;
  if (const auto value = field->number()) return value;
  const auto flag = field->boolean();
  return flag ? std::optional(*flag ? 1.0 : 0.0) : std::nullopt;
}

template <typename Word>
void append_raw(std::string& out, Word word) {
  out.append(reinterpret_cast<const char*>(&word), sizeof word);
}

void append_text(std::string& out, std::string_view text) {
  append_raw(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

}  // namespace

double round_to_decimals(double value, std::int32_t decimals) {
  if (decimals < 0 || decimals > 15) return value;
  const double power = std::pow(10.0, decimals);
  const double scaled = std::nearbyint(value * power);
  // Above 2^53 there are no decimal places left; NaN and infinities stay what they are.
  return std::fabs(scaled) < 9007199254740992.0 ? scaled / power : value;
}

EventMapper::EventMapper(Host host, std::string machine)
    : host_(host), machine_(std::move(machine)), metric_(host.name("metric")), value_(host.name("value")) {}

Result<Gathered> EventMapper::map(const Events& events, Store& store) {
  if (epoch_ != store.epoch()) known_.clear();
  epoch_ = store.epoch();
  Gathered gathered;
  std::unordered_map<std::int64_t, std::size_t> ticks;
  std::size_t tick = 0;
  for (std::uint32_t position = 0; position < events.size(); ++position) {
    const EventView event = events[position];
    if (event.kind() != metric_) {
      gathered.events.push_back(row_of(event));
      continue;
    }
    const auto refuse = [&](const std::string& why) {
      gathered.refused.push_back(position);
      gathered.why = why;
    };
    const std::optional<double> value = value_of(event.find(value_));
    if (!value) {
      refuse("a metric event without a number in 'value'");
      continue;
    }
    const Admission admission = store.admit(event.time_ns());
    if (admission != Admission::ok) {
      refuse(admission == Admission::too_old ? "a sample older than keep.raw"
                                             : "a sample more than an hour ahead of this machine's clock");
      continue;
    }
    make_key(events, event);
    auto known = known_.find(std::string_view(key_));
    if (known == known_.end()) {
      const Result<Known> resolved = resolve(event, store);
      if (!resolved) {
        if (!store.is_open()) return resolved.error();
        gathered.over_series_limit += resolved.error().status == PICKET_LIMIT ? 1 : 0;
        refuse(resolved.error().message);
        continue;
      }
      if (known_.size() >= kMaxKnown) known_.clear();
      known = known_.emplace(key_, *resolved).first;
    }
    if (gathered.ticks.empty() || gathered.ticks[tick].time_ns != event.time_ns()) {
      tick = ticks.try_emplace(event.time_ns(), gathered.ticks.size()).first->second;
      if (tick == gathered.ticks.size()) gathered.ticks.push_back({event.time_ns(), {}});
    }
    gathered.ticks[tick].samples.push_back({known->second.id, round_to_decimals(*value, known->second.round_to)});
    ++gathered.samples;
  }
  std::sort(gathered.ticks.begin(), gathered.ticks.end(),
            [](const Tick& a, const Tick& b) { return a.time_ns < b.time_ns; });
  return gathered;
}

// The identity as it is in memory: cheaper than its text, and good for as long as this process interns.
void EventMapper::make_key(const Events& events, const EventView& event) {
  key_.clear();
  append_raw(key_, event.source().id);
  for (const FieldView field : event) {
    const picket_field& raw = field.c();
    if (raw.key == value_.id) continue;
    if ((raw.key & PICKET_KEY_INLINE) != 0) {
      append_raw(key_, PICKET_KEY_INLINE);
      append_text(key_, to_view(picket_batch_inline_key_text(events.batch(), raw.key)));
    } else {
      append_raw(key_, raw.key);
    }
    append_raw(key_, raw.type);
    if (raw.type >= PICKET_TYPE_TEXT) {
      append_text(key_, to_view(picket_batch_field_bytes(events.batch(), &raw)));
    } else {
      append_raw(key_, raw.type == PICKET_TYPE_NAME ? std::int64_t{raw.value.name} : raw.value.i);
    }
  }
}

Result<EventMapper::Known> EventMapper::resolve(const EventView& event, Store& store) {
  const Result<SeriesInfo> info = describe(event);
  if (!info) return info.error();
  const Result<SeriesId> id = store.resolve(*info);
  if (!id) return id.error();
  return Known{*id, info->instrument == PICKET_INSTRUMENT_GAUGE ? info->decimals : -1};
}

Result<SeriesInfo> EventMapper::describe(const EventView& event) const {
  SeriesInfo info;
  info.host = machine_;
  info.source = host_.text(event.source());
  json attributes = json::object();
  for (const FieldView field : event) {
    const std::string_view key = field.key();
    if (key == "value" || std::find(kNotIdentity.begin(), kNotIdentity.end(), key) != kNotIdentity.end()) continue;
    if (key == "name") {
      info.name = field.text().value_or("");
      Metric metric;
      if (field.type() == PICKET_TYPE_NAME && host_.metric(Name{field.c().value.name}, metric)) {
        info.unit = metric.unit;
        info.instrument = static_cast<std::uint32_t>(metric.instrument);
        info.decimals = metric.decimals;
      }
    } else if ((key == "host" || key == "host.name") && field.text()) {
      info.host = *field.text();
    } else if (json value = json_of(field); !value.is_null()) {
      attributes[cut(key, kMaxName)] = std::move(value);
    }
  }
  info.attributes = dump(attributes);
  for (const std::string* text : {&info.name, &info.host}) {
    if (text->empty() || text->size() > kMaxName || text->find('\0') != std::string::npos) {
      return Error{"a metric event whose name or host is missing, longer than " + std::to_string(kMaxName) +
                       " bytes, or has a zero byte",
                   PICKET_INVALID};
    }
  }
  if (info.attributes.size() > kMaxAttributes) {
    return Error{"a metric event with more than " + std::to_string(kMaxAttributes) + " bytes of attributes",
                 PICKET_INVALID};
  }
  return info;
}

EventRow EventMapper::row_of(const EventView& event) const {
  EventRow row;
  row.time_ns = event.time_ns();
  row.kind = host_.text(event.kind());
  row.source = host_.text(event.source());
  row.severity = static_cast<std::uint32_t>(event.severity());
  json fields = json::object();
  std::size_t size = 0;
  for (const FieldView field : event) {
    const std::string_view key = field.key();
    if (key == "message" && field.text()) {
      row.message = cut(*field.text(), kMaxMessage);
      continue;
    }
    json value = json_of(field);
    size += key.size() + (value.is_string() ? value.get_ref<const std::string&>().size() : 24);
    if (size > kMaxFields) {
      fields["fields_left_out"] = true;
      break;
    }
    fields[std::string(key)] = std::move(value);
  }
  row.fields = dump(fields);
  return row;
}

}  // namespace picket::perf_database

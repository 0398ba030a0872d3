// SPDX-License-Identifier: Apache-2.0
//
// The step `parse`: finds the text in each event, has its format read it, and writes the event with what was found.
// Runs on its route's lane, as every step.
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string>

#include "routing/steps/event_writer.hpp"
#include "routing/steps/parse/schema.hpp"
#include "routing/steps/parse/settings.hpp"
#include "routing/steps/step_catalogue.hpp"

namespace picket::routing {
namespace parse {
namespace {

constexpr std::string_view kErrorKey = "parse.error";

// What the writer leaves free for an event when it begins one; a larger one gets a batch to itself.
constexpr std::size_t kRoomyBytes = std::size_t{256} * 1024;
constexpr std::size_t kRoomyFields = 512;

std::string_view key_text(const picket_batch& batch, const picket_field& field, const Names& names) {
  if ((field.key & PICKET_KEY_INLINE) == 0) return names.text(field.key);
  const picket_str text = picket_batch_inline_key_text(&batch, field.key);
  return {text.data, static_cast<std::size_t>(text.length)};
}

// Nothing for a field that is no text.
std::optional<std::string_view> text_of(const picket_batch& batch, const picket_field& field, const Names& names) {
  switch (field.type) {
    case PICKET_TYPE_NAME:
      return names.text(field.value.name);
    case PICKET_TYPE_TEXT:
    case PICKET_TYPE_BYTES:
    case PICKET_TYPE_JSON: {
      const picket_str bytes = picket_batch_field_bytes(&batch, &field);
      return std::string_view(bytes.data, static_cast<std::size_t>(bytes.length));
    }
    default:
      return std::nullopt;
  }
}

// The text as a value of the type; nothing when it is none.
std::optional<Value> convert(std::string_view text, TargetType type) {
  if (text.empty() || text == "-") return Value();
  const char* const end = text.data() + text.size();
  const char* const begin = text.data() + (text.size() > 1 && text[0] == '+' && text[1] != '-' ? 1 : 0);
  switch (type) {
    case TargetType::integer: {
      std::int64_t integer = 0;
      const auto [stop, error] = std::from_chars(begin, end, integer);
      if (error == std::errc() && stop == end) return Value::integer(integer);
      return std::nullopt;
    }
    case TargetType::real: {
      double real = 0;
      const auto [stop, error] = std::from_chars(begin, end, real);
      if (error == std::errc() && stop == end) return Value::real(real);
      return std::nullopt;
    }
    case TargetType::boolean:
      if (text == "true" || text == "yes" || text == "on" || text == "1") return Value::boolean(true);
      if (text == "false" || text == "no" || text == "off" || text == "0") return Value::boolean(false);
      return std::nullopt;
  }
  return std::nullopt;
}

std::string_view type_text(TargetType type) {
  constexpr std::array<std::string_view, 3> kTexts = {"an integer", "a real number", "a boolean"};
  return kTexts[static_cast<std::size_t>(type)];
}

class ParseStep final : public Step {
 public:
  ParseStep(Settings settings, const StepContext& context)
      : settings_(std::move(settings)),
        names_(context.names),
        clock_(context.clock),
        field_(names_.intern(settings_.field)),
        error_key_(names_.intern(kErrorKey)),
        reading_(names_, settings_.into, settings_.max_fields) {}

  void process(const Events& in, Output& out) override {
    writer_.begin_batch(out);
    unchanged_.clear();
    bool all_unchanged = true;
    bool wrote = false;
    for (std::uint32_t position = 0; position < in.count(); ++position) {
      const picket_event& event = in[position];
      const picket_field* const source = find_source(in.batch(), event);
      const Fate fate = source == nullptr ? Fate::unchanged : read(in.batch(), event, *source);
      if (fate == Fate::unchanged && !wrote) {
        unchanged_.push_back(in.index(position));
        continue;
      }
      all_unchanged = all_unchanged && fate == Fate::unchanged;
      if (fate == Fate::dropped) continue;
      if (!wrote && !unchanged_.empty()) out.pass(in, unchanged_);
      wrote = true;
      write(in.batch(), event, source, fate);
    }
    if (all_unchanged) {
      out.pass(in);
    } else if (!wrote && !unchanged_.empty()) {
      out.pass(in, unchanged_);
    }
    writer_.flush();
  }

  std::uint64_t over_limit() const override { return over_limit_; }
  std::uint64_t failed() const override { return failed_; }

 private:
  enum class Fate {
    unchanged,  // goes on as it came
    tagged,     // the same, with the error
    parsed,     // with what was read; the error too, if there is one
    dropped,
  };

  const picket_field* find_source(const picket_batch& batch, const picket_event& event) const {
    const picket_field* const end = batch.fields + event.first_field + event.field_count;
    for (const picket_field* field = batch.fields + event.first_field; field != end; ++field) {
      if (field->key == field_) return field;
      if ((field->key & PICKET_KEY_INLINE) != 0 && key_text(batch, *field, names_) == settings_.field) return field;
    }
    return nullptr;
  }

  Fate read(const picket_batch& batch, const picket_event& event, const picket_field& source) {
    const auto text = text_of(batch, source, names_);
    if (!text) return Fate::unchanged;
    error_.clear();
    if (text->size() > settings_.max_bytes) {
      return fail(Failure{settings_.max_bytes, "longer than max_bytes"});
    }
    reading_.begin(*text, event.time_ns != 0 ? event.time_ns : clock_.wall_ns());
    if (const auto failure = settings_.format->read(*text, reading_)) return fail(*failure);
    reading_.finish();
    // That key is ours to set: a peer cannot make its events look as if they had not been understood.
    if (Reading::Found* const forged = reading_.find(error_wanted_)) forged->gone = true;
    take_time();
    take_severity();
    convert_types();
    if (error_.empty()) return Fate::parsed;
    ++failed_;
    if (settings_.on_error == OnError::drop) return Fate::dropped;
    if (settings_.on_error == OnError::pass) error_.clear();
    return Fate::parsed;
  }

  Fate fail(const Failure& failure) {
    ++failed_;
    switch (settings_.on_error) {
      case OnError::pass:
        return Fate::unchanged;
      case OnError::drop:
        return Fate::dropped;
      case OnError::tag:
        break;
    }
    error_ = settings_.type->name;
    error_.append(": byte ").append(std::to_string(failure.offset)).append(": ").append(failure.reason);
    return Fate::tagged;
  }

  // A field that is there but is not what the settings say. The first is named.
  void complain(const WantedKey& key, std::string_view problem) {
    if (!error_.empty()) return;
    error_ = settings_.type->name;
    error_.append(": field ").append(key.text).append(": ").append(problem);
  }

  void take_time() {
    if (!settings_.time) return;
    Reading::Found* const found = reading_.find(settings_.time->key);
    if (found == nullptr || found->value.is_null()) return;
    const auto time = settings_.time->format.read(found->value, reading_.event_time_ns());
    if (!time) return complain(settings_.time->key, "not a time of the format in `time`");
    reading_.time_ns = time;
    found->gone = !settings_.time->keep;
  }

  void take_severity() {
    if (!settings_.severity) return;
    Reading::Found* const found = reading_.find(settings_.severity->key);
    if (found == nullptr || found->value.is_null()) return;
    const auto severity = settings_.severity->map.find(found->value);
    if (!severity) return complain(settings_.severity->key, "not a severity; `severity.map` may say which it is");
    reading_.severity = severity;
    found->gone = !settings_.severity->keep;
  }

  void convert_types() {
    for (const Settings::Conversion& conversion : settings_.types) {
      Reading::Found* const found = reading_.find(conversion.key);
      if (found == nullptr || found->json || !found->value.is_text()) continue;
      if (const auto value = convert(found->value.as_text(), conversion.type)) {
        found->value = *value;
      } else {
        complain(conversion.key, std::string("not ").append(type_text(conversion.type)));
      }
    }
  }

  void write(const picket_batch& batch, const picket_event& event, const picket_field* source, Fate fate) {
    const bool parsed = fate == Fate::parsed;
    if (event.field_count + reading_.fields().size() > kRoomyFields || large(batch, source)) writer_.flush();
    picket_event& copy = writer_.begin_copy(event);
    if (parsed && reading_.time_ns) copy.time_ns = *reading_.time_ns;
    if (parsed && reading_.severity) copy.severity = *reading_.severity;
    const bool has_error = fate != Fate::unchanged && !error_.empty();
    for (std::uint32_t i = 0; i < event.field_count; ++i) {
      const picket_field& field = batch.fields[event.first_field + i];
      if (parsed && !settings_.keep && &field == source) continue;
      if (has_error && field.key == error_key_) continue;
      if (parsed && is_replaced(batch, field)) continue;
      writer_.field(batch, field);
    }
    if (parsed) write_found();
    if (has_error) writer_.set_text(error_key_, error_);
    if (writer_.truncated()) ++over_limit_;
  }

  bool large(const picket_batch& batch, const picket_field* source) const {
    const auto text = source == nullptr ? std::nullopt : text_of(batch, *source, names_);
    return text && text->size() > kRoomyBytes;
  }

  bool is_replaced(const picket_batch& batch, const picket_field& field) {
    const std::string_view key = key_text(batch, field, names_);
    return reading_.find(key, hash_key(key)) != nullptr;
  }

  void write_found() {
    for (const Reading::Found& found : reading_.fields()) {
      if (found.gone) continue;
      if (found.name != 0 && found.json) {
        writer_.set_json(found.name, found.value.as_text());
      } else if (found.name != 0) {
        writer_.set(found.name, found.value);
      } else if (found.json) {
        writer_.set_inline_json(found.key, found.value.as_text());
      } else {
        writer_.set_inline(found.key, found.value);
      }
    }
  }

  Settings settings_;
  Names& names_;
  const platform::Clock& clock_;
  const picket_name field_;
  const picket_name error_key_;
  const WantedKey error_wanted_{std::string(kErrorKey)};
  Reading reading_;
  std::string error_;  // for parse.error
  EventWriter writer_;
  std::vector<std::uint32_t> unchanged_;  // indices, until the first event that is written
  std::uint64_t failed_ = 0;
  std::uint64_t over_limit_ = 0;
};

std::unique_ptr<Step> make_parse(const nlohmann::json& settings, const StepContext& context) {
  return std::make_unique<ParseStep>(read_settings(settings), context);
}

std::vector<StepProblem> check_parse(const nlohmann::json& settings, Names& /*names*/) {
  return check_settings(settings);
}

}  // namespace
}  // namespace parse

const StepType kParseStep = {"parse",
                             "Reads text as JSON, logfmt, key=value pairs, by regular expressions or as syslog.",
                             parse::kSchema, parse::make_parse, parse::check_parse};

}  // namespace picket::routing

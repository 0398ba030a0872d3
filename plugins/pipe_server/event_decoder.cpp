// SPDX-License-Identifier: Apache-2.0
//
// One JSON object into one event. The plainest ones go a short way (flat_object.hpp); all others, and whatever is
// wrong, are for simdjson's On-Demand parser: it checks UTF-8 and strings at once and the rest where it is looked at,
// so everything is looked at, also inside of arrays, which stay JSON as they came.
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "event_codec.hpp"
#include "event_time.hpp"
#include "flat_object.hpp"
#include "json_grammar.hpp"
#include "name_budget.hpp"
#include "severity.hpp"

namespace picket::pipe_server {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr unsigned kDeepest = 16;
constexpr std::size_t kLongestKey = 65'535;  // the batch's limit
static_assert(simdjson::SIMDJSON_PADDING <= 64);

bool is_json_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
// The length of the word is known when this is compiled: no call, few instructions.
template <std::size_t kSize>
bool is_word(std::string_view text, const char (&word)[kSize]) {
  return text.size() == kSize - 1 && std::memcmp(text.data(), word, kSize - 1) == 0;
}

}  // namespace

struct EventDecoder::Body {
  explicit Body(Host host)
      : names(host),
        log(host.name("log").id),
        metric(host.name("metric").id),
        name_key(host.name("name").id),
        value_key(host.name("value").id),
        message_key(host.name("message").id) {}

  Outcome decode(std::string_view json, picket_batch& into, CodecError& problem, bool short_way);

  NameBudget names;
  const picket_name log, metric, name_key, value_key, message_key;
  ondemand::parser parser;
  std::string prefix;  // of nested objects, with its last dot

  // During decode().
  picket_batch* batch = nullptr;
  picket_event* event = nullptr;
  CodecError* error = nullptr;
  const char* begin = nullptr;
  const char* end = nullptr;
  ondemand::document* document = nullptr;
  unsigned arrays = 0;  // how many the value that is read lies in
  bool full = false;

  // Where in the batch's bytes the key of the n-th field was last. Events of one sender mostly have the same keys in
  // the same order, so they share them. No more than a hint: see shared_key.
  std::array<std::uint32_t, 32> key_offsets{};

 private:
  // Each of these is false once there is a problem, or the batch is full.
  bool fail(const char* at, std::string reason) {
    if (error->reason.empty()) {
      error->byte = static_cast<std::size_t>(std::clamp<const char*>(at, begin, end) - begin);
      error->reason = std::move(reason);
    }
    return false;
  }
  bool fail_here(const char* reason) {
    const char* at = end;
    if (document->current_location().get(at) != simdjson::SUCCESS) at = end;
    return fail(at, at >= end ? "ends inside of an object or array" : reason);
  }
  bool no_room() {
    full = true;
    return false;
  }
  bool read_flat(std::string_view json);
  bool take_flat(const FlatObject::Member& member);
  bool take_flat_field(const FlatObject::Member& member);
  void read_whole(std::string_view json);
  void fail_before_reading(simdjson::error_code code, std::string_view json);
  bool read_top(ondemand::object& object);
  bool read_own(std::string_view key, const char* at, ondemand::value& value, bool& is_own);
  bool read_members(ondemand::object& object, unsigned depth, std::size_t& members);
  bool read_value(std::string_view key, const char* at, ondemand::value& value, unsigned depth);
  bool read_nested(std::string_view key, const char* at, ondemand::value& value, unsigned depth);
  bool read_array(std::string_view key, const char* at, ondemand::value& value, unsigned depth);
  bool read_scalar(std::string_view key, const char* at, ondemand::value& value, ondemand::json_type type);
  bool read_odd_number(std::string_view key, const char* at, std::string_view token);
  bool read_time(ondemand::value& value);
  bool read_severity(ondemand::value& value);
  bool read_name(ondemand::value& value, const char* what, picket_name& name);
  picket_name name_of(std::string_view text);
  std::uint32_t shared_key(std::string_view text);
  bool key_of(std::string_view key, const char* at, std::uint32_t& result);
  picket_field* add(std::string_view key, const char* at, picket_type type);
  bool add_heap(std::string_view key, const char* at, picket_type type, std::string_view text);

  static std::string_view token_of(ondemand::value& value) {
    std::string_view token = value.raw_json_token();
    while (!token.empty() && is_json_blank(token.back())) token.remove_suffix(1);
    return token;
  }
};

EventDecoder::EventDecoder(Host host) : body_(std::make_unique<Body>(host)) {}
EventDecoder::EventDecoder(EventDecoder&&) noexcept = default;
EventDecoder& EventDecoder::operator=(EventDecoder&&) noexcept = default;
EventDecoder::~EventDecoder() = default;

EventDecoder::Outcome EventDecoder::decode(std::string_view json, picket_batch& batch, CodecError& error) {
  return body_->decode(json, batch, error, true);
}

EventDecoder::Outcome EventDecoder::decode_the_long_way(std::string_view json, picket_batch& batch, CodecError& error) {
  return body_->decode(json, batch, error, false);
}

EventDecoder::Outcome EventDecoder::Body::decode(std::string_view json, picket_batch& into, CodecError& problem,
                                                 bool short_way) {
  problem = {};
  batch = &into;
  error = &problem;
  begin = json.data();
  end = begin + json.size();
  arrays = 0;
  full = false;
  prefix.clear();
  event = picket_batch_event(batch, log);
  if (event == nullptr) return Outcome::no_room;
  const std::uint32_t bytes = batch->byte_count;
  if (short_way && read_flat(json)) return Outcome::event;
  if (full) return Outcome::no_room;
  // As if nothing of it had been read yet.
  --batch->event_count;
  batch->field_count = event->first_field;
  batch->byte_count = bytes;
  event = picket_batch_event(batch, log);
  read_whole(json);
  if (full) return Outcome::no_room;
  return problem.reason.empty() ? Outcome::event : Outcome::malformed;
}

// --- the short way -------------------------------------------------------------------------------------------------

// True: it is one of the plain ones, and all of it is in the batch.
bool EventDecoder::Body::read_flat(std::string_view json) {
  FlatObject object(json);
  FlatObject::Member member;
  FlatObject::Next next = object.next(member);
  while (next == FlatObject::Next::member && take_flat(member)) next = object.next(member);
  return next == FlatObject::Next::end;
}

// False: what follows a mistake, or something rare, which the long way takes or names; or the batch is full.
bool EventDecoder::Body::take_flat(const FlatObject::Member& member) {
  const bool is_text = member.kind == FlatObject::Kind::text;
  if (is_word(member.key, "time")) {
    if (!is_text) return false;
    const auto time_ns = parse_time(member.text);
    if (time_ns) event->time_ns = *time_ns;
    return time_ns.has_value();
  }
  if (is_word(member.key, "severity")) {
    const auto severity = is_text ? parse_severity(member.text) : std::nullopt;
    if (severity) event->severity = *severity;
    return severity.has_value();
  }
  if (is_word(member.key, "kind")) return is_text && (event->kind = name_of(member.text)) != 0;
  if (is_word(member.key, "source")) return is_text && (event->source = name_of(member.text)) != 0;
  return !is_word(member.key, "fields") && take_flat_field(member);
}

bool EventDecoder::Body::take_flat_field(const FlatObject::Member& member) {
  switch (member.kind) {
    case FlatObject::Kind::text:
      return add_heap(member.key, begin, PICKET_TYPE_TEXT, member.text);
    case FlatObject::Kind::real: {
      picket_field* const field = add(member.key, begin, PICKET_TYPE_DOUBLE);
      if (field != nullptr) field->value.f = member.real;
      return field != nullptr;
    }
    case FlatObject::Kind::integer:
    case FlatObject::Kind::boolean:
    case FlatObject::Kind::null: {
      const picket_type type = member.kind == FlatObject::Kind::integer   ? PICKET_TYPE_INT
                               : member.kind == FlatObject::Kind::boolean ? PICKET_TYPE_BOOL
                                                                          : PICKET_TYPE_NULL;
      picket_field* const field = add(member.key, begin, type);
      if (field != nullptr) field->value.i = member.integer;
      return field != nullptr;
    }
  }
  return false;
}

// --- the long way --------------------------------------------------------------------------------------------------

void EventDecoder::Body::read_whole(std::string_view json) {
  ondemand::document parsed;
  const auto code = parser.iterate(begin, json.size(), json.size() + simdjson::SIMDJSON_PADDING).get(parsed);
  if (code != simdjson::SUCCESS) return fail_before_reading(code, json);
  document = &parsed;
  const char* const first = std::find_if_not(begin, end, is_json_blank);
  ondemand::object object;
  if (first == end || *first != '{') {
    fail(first, "an event is a JSON object, which begins with {");
  } else if (parsed.get_object().get(object) != simdjson::SUCCESS) {
    fail(end, "does not end with }");
  } else if (read_top(object)) {
    const char* at = end;
    if (parsed.current_location().get(at) == simdjson::SUCCESS && at < end) fail(at, "text behind the object");
  }
}

void EventDecoder::Body::fail_before_reading(simdjson::error_code code, std::string_view json) {
  switch (code) {
    case simdjson::UTF8_ERROR:
      fail(begin + find_invalid_utf8(json), "not UTF-8");
      break;
    case simdjson::UNCLOSED_STRING:
      fail(end, "ends inside of a string");
      break;
    case simdjson::UNESCAPED_CHARS:
      fail(begin + find_control_character(json), "a control character in a string");
      break;
    case simdjson::EMPTY:
      fail(begin, "an event is a JSON object; there is none");
      break;
    case simdjson::MEMALLOC:
      throw std::bad_alloc();
    default:
      fail(begin, "not JSON");
  }
}

// --- the event's own members ---------------------------------------------------------------------------------------

bool EventDecoder::Body::read_top(ondemand::object& object) {
  for (auto member : object) {
    ondemand::field field;
    std::string_view key;
    if (std::move(member).get(field) != simdjson::SUCCESS) return fail_here("no \"key\": or no , or } behind a value");
    const char* const at = field.key().raw() - 1;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) return fail(at, "an invalid escape in a key");
    bool is_own = false;
    if (!read_own(key, at, field.value(), is_own)) return false;
    if (!is_own && !read_value(key, at, field.value(), 1)) return false;
  }
  return true;
}

bool EventDecoder::Body::read_own(std::string_view key, const char* at, ondemand::value& value, bool& is_own) {
  is_own = true;
  if (is_word(key, "time")) return read_time(value);
  if (is_word(key, "severity")) return read_severity(value);
  if (is_word(key, "kind")) return read_name(value, "kind", event->kind);
  if (is_word(key, "source")) return read_name(value, "source", event->source);
  if (is_word(key, "fields")) {
    ondemand::json_type type;
    if (value.type().get(type) != simdjson::SUCCESS) return fail_here("no value");
    if (type != ondemand::json_type::object) return fail(at, "fields is an object");
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return fail_here("no \"key\":");
    std::size_t members = 0;
    return read_members(object, 2, members);
  }
  is_own = false;
  return true;
}

bool EventDecoder::Body::read_time(ondemand::value& value) {
  const std::string_view token = token_of(value);
  ondemand::json_type type;
  if (value.type().get(type) != simdjson::SUCCESS) return fail_here("no value");
  if (type == ondemand::json_type::number) {
    std::int64_t time_ns = 0;
    const auto [rest, code] = std::from_chars(token.data(), token.data() + token.size(), time_ns);
    std::int64_t consumed = 0;
    if (code != std::errc() || rest != token.data() + token.size() ||
        value.get_int64().get(consumed) != simdjson::SUCCESS) {
      return fail(token.data(), "a time as a number is integer nanoseconds since 1970");
    }
    if (!is_event_time(time_ns)) return fail(token.data(), "a time before 1678 or after 2261");
    event->time_ns = time_ns;
    return true;
  }
  std::string_view text;
  if (type != ondemand::json_type::string || value.get_string().get(text) != simdjson::SUCCESS) {
    return fail(token.data(), "a time is a text as of RFC 3339, or integer nanoseconds since 1970");
  }
  const auto time_ns = parse_time(text);
  if (!time_ns) return fail(token.data(), "no time as of RFC 3339, such as 2026-12-01T10:00:00.123Z");
  event->time_ns = *time_ns;
  return true;
}

bool EventDecoder::Body::read_severity(ondemand::value& value) {
  const std::string_view token = token_of(value);
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) {
    if (const auto severity = parse_severity(text)) {
      event->severity = *severity;
      return true;
    }
  }
  return fail(token.data(), "a severity is trace, debug, info, notice, warning, error, critical, alert or emergency");
}

bool EventDecoder::Body::read_name(ondemand::value& value, const char* what, picket_name& name) {
  const std::string_view token = token_of(value);
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS || text.empty() || text.size() > NameBudget::kLongest) {
    return fail(token.data(), std::string(what) + " is a text of 1 to 255 bytes");
  }
  name = name_of(text);
  if (name != 0) return true;
  return fail(token.data(),
              std::string(what) + ": too many different ones have come in (1,024 at most); put it into a field");
}

// 0: empty, too long, or there were too many already.
picket_name EventDecoder::Body::name_of(std::string_view text) {
  return is_word(text, "log") ? log : is_word(text, "metric") ? metric : names.find(text);
}

// --- fields --------------------------------------------------------------------------------------------------------

bool EventDecoder::Body::read_members(ondemand::object& object, unsigned depth, std::size_t& members) {
  for (auto member : object) {
    ondemand::field field;
    std::string_view key;
    if (std::move(member).get(field) != simdjson::SUCCESS) return fail_here("no \"key\": or no , or } behind a value");
    const char* const at = field.key().raw() - 1;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) return fail(at, "an invalid escape in a key");
    if (!read_value(key, at, field.value(), depth)) return false;
    ++members;
  }
  return true;
}

// `at`: of the key, or of the element of an array.
bool EventDecoder::Body::read_value(std::string_view key, const char* at, ondemand::value& value, unsigned depth) {
  ondemand::json_type type;
  if (value.type().get(type) != simdjson::SUCCESS) return fail_here("no value");
  switch (type) {
    case ondemand::json_type::object:
      return depth < kDeepest ? read_nested(key, at, value, depth + 1) : fail(at, "nested deeper than 16");
    case ondemand::json_type::array:
      return depth < kDeepest ? read_array(key, at, value, depth + 1) : fail(at, "nested deeper than 16");
    default:
      return read_scalar(key, at, value, type);
  }
}

bool EventDecoder::Body::read_nested(std::string_view key, const char* at, ondemand::value& value, unsigned depth) {
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return fail_here("no \"key\":");
  const std::size_t outside = prefix.size();
  if (arrays == 0) {
    prefix.append(key);
    prefix += '.';
  }
  std::size_t members = 0;
  if (!read_members(object, depth, members)) return false;
  if (arrays > 0) return true;
  prefix.resize(outside);
  // Nothing would be left of it otherwise.
  return members > 0 || add_heap(key, at, PICKET_TYPE_JSON, "{}");
}

bool EventDecoder::Body::read_array(std::string_view key, const char* at, ondemand::value& value, unsigned depth) {
  const char* const start = value.raw_json_token().data();
  ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return fail_here("no , or ] behind a value");
  ++arrays;
  for (auto element : array) {
    ondemand::value inner;
    if (element.get(inner) != simdjson::SUCCESS) return fail_here("no , or ] behind a value");
    if (!read_value({}, inner.raw_json_token().data(), inner, depth)) return false;
  }
  --arrays;
  if (arrays > 0) return true;
  const char* stop = end;
  if (document->current_location().get(stop) != simdjson::SUCCESS) stop = end;
  std::string_view text(start, static_cast<std::size_t>(stop - start));
  return add_heap(key, at, PICKET_TYPE_JSON, text.substr(0, text.rfind(']') + 1));
}

bool EventDecoder::Body::read_scalar(std::string_view key, const char* at, ondemand::value& value,
                                     ondemand::json_type type) {
  const std::string_view token = token_of(value);
  if (type == ondemand::json_type::string) {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS) return fail(token.data(), "an invalid escape in a string");
    return add_heap(key, at, PICKET_TYPE_TEXT, text);
  }
  if (type == ondemand::json_type::number) {
    ondemand::number number;
    if (value.get_number().get(number) != simdjson::SUCCESS) return read_odd_number(key, at, token);
    if (number.is_uint64() && number.get_uint64() > INT64_MAX) return read_odd_number(key, at, token);
    if (arrays > 0) return true;
    picket_field* const field = add(key, at, number.is_double() ? PICKET_TYPE_DOUBLE : PICKET_TYPE_INT);
    if (field == nullptr) return false;
    if (number.is_double()) {
      field->value.f = number.get_double();
    } else {
      field->value.i = number.is_uint64() ? static_cast<std::int64_t>(number.get_uint64()) : number.get_int64();
    }
    return true;
  }
  // What is not consumed is skipped by the parser.
  if (token != "true" && token != "false" && token != "null") return fail(token.data(), "no value");
  if (arrays > 0) return true;
  picket_field* const field = add(key, at, type == ondemand::json_type::boolean ? PICKET_TYPE_BOOL : PICKET_TYPE_NULL);
  if (field == nullptr) return false;
  field->value.i = token == "true" ? 1 : 0;
  return true;
}

// A number that no type holds exactly, or at all, stays as it is written.
bool EventDecoder::Body::read_odd_number(std::string_view key, const char* at, std::string_view token) {
  if (!is_json_number(token)) return fail(token.data(), "no value");
  return arrays > 0 || add_heap(key, at, PICKET_TYPE_JSON, token);
}

// An inline key with this text, 0 when there is no room for it. What is found in the batch's bytes at the hinted place
// is one, whoever put it there: so a hint from another batch, or from an event that was taken back, does no harm.
std::uint32_t EventDecoder::Body::shared_key(std::string_view text) {
  const std::uint32_t position = event->field_count;
  if (position >= key_offsets.size()) return picket_batch_inline_key(batch, to_str(text));
  std::uint32_t& hint = key_offsets[position];
  std::uint16_t length = 0;
  if (std::uint64_t{hint} + sizeof length + text.size() <= batch->byte_count) {
    const char* const there = batch->bytes + hint;
    std::memcpy(&length, there, sizeof length);
    if (length == text.size() && std::memcmp(there + sizeof length, text.data(), length) == 0) {
      return PICKET_KEY_INLINE | hint;
    }
  }
  const std::uint32_t key = picket_batch_inline_key(batch, to_str(text));
  if (key != 0) hint = key & ~PICKET_KEY_INLINE;
  return key;
}

// The key as the batch wants it; 0 is never one.
bool EventDecoder::Body::key_of(std::string_view key, const char* at, std::uint32_t& result) {
  if (prefix.empty()) {
    if (is_word(key, "name")) return result = name_key, true;
    if (is_word(key, "value")) return result = value_key, true;
    if (is_word(key, "message")) return result = message_key, true;
    if (key.size() > kLongestKey) return fail(at, "a key is longer than 65,535 bytes");
    result = shared_key(key);
    return result != 0 || no_room();
  }
  const std::size_t outside = prefix.size();
  if (outside + key.size() > kLongestKey) return fail(at, "a key, with those around it, is longer than 65,535 bytes");
  prefix.append(key);
  result = shared_key(prefix);
  prefix.resize(outside);
  return result != 0 || no_room();
}

picket_field* EventDecoder::Body::add(std::string_view key, const char* at, picket_type type) {
  std::uint32_t batch_key = 0;
  if (!key_of(key, at, batch_key)) return nullptr;
  picket_field* const field = picket_batch_field(batch, batch_key, type);
  if (field == nullptr) no_room();
  return field;
}

bool EventDecoder::Body::add_heap(std::string_view key, const char* at, picket_type type, std::string_view text) {
  if (arrays > 0) return true;
  std::uint32_t batch_key = 0;
  if (!key_of(key, at, batch_key)) return false;
  return picket_batch_heap(batch, batch_key, type, to_str(text)) == PICKET_OK || no_room();
}

}  // namespace picket::pipe_server

// SPDX-License-Identifier: Apache-2.0
//
// JSON to events, by the SAX parser of nlohmann-json over an iterator that knows how far it is. What is found is kept
// aside until the whole text is known to be good; only then is it written.
#include <charconv>
#include <iterator>
#include <nlohmann/json.hpp>
#include <unordered_set>
#include <utility>
#include <vector>

#include "config/suggest.hpp"
#include "platform/utc_time.hpp"
#include "routing/base64.hpp"
#include "routing/event_json.hpp"
#include "routing/expression/functions.hpp"

namespace picket::routing {
namespace {

constexpr std::size_t kMaxEventJsonBytes = 1U << 20U;  // of keys and texts together: what a batch has room for
constexpr std::size_t kMaxEventJsonFields = 1'024;     // likewise
constexpr std::string_view kBase64Key = "$base64";

// Characters of a text with a place that is read by whoever made the iterator.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, const char** place) : at_(at), place_(place) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *place_ = ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** place_;
};

// What a message quotes of the text: short and printable.
std::string shown_of_json(std::string_view text) {
  constexpr std::size_t kShown = 40;
  std::string shown;
  for (const char c : text.substr(0, kShown)) {
    const auto byte = static_cast<unsigned char>(c);
    shown += byte < 0x20 || byte == 0x7F ? '?' : c;
  }
  while (text.size() > kShown && !shown.empty() && (static_cast<unsigned char>(shown.back()) & 0x80U) != 0) {
    shown.pop_back();
  }
  return "`" + shown + (text.size() > kShown ? "..." : "") + "`";
}

bool has_control_character(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return true;
  }
  return false;
}

// "syntax error while parsing value - invalid literal; expected ...", without the library's own words around it.
std::string syntax_message(std::string_view what) {
  if (what.find("number overflow") != std::string_view::npos) return "a number is out of range";
  if (const std::size_t colon = what.find(": "); colon != std::string_view::npos) what.remove_prefix(colon + 2);
  const std::string_view head = what.substr(0, what.find("; last read"));
  constexpr std::string_view kExpected = "; expected ";
  const std::size_t expected = what.rfind(kExpected);
  const bool more = expected != std::string_view::npos && expected >= head.size();
  return std::string(head) + (more ? std::string(what.substr(expected)) : std::string());
}

}  // namespace

// The handler of the SAX parser. Its functions answer false once there is an error.
class EventJsonReader::Parser {
 public:
  Parser(Names& names, EventJsonOptions options) : names_(names), options_(std::move(options)) {
    options_.max_fields = std::min(options_.max_fields, kMaxEventJsonFields);
    default_kind_ = names_.intern(options_.default_kind);
    name_key_ = names_.intern("name");
  }

  std::optional<EventJsonError> run(std::string_view text, EventWriter& writer) {
    begin(text);
    if (text.size() > options_.max_bytes) {
      return EventJsonError{
          "an event has at most " + std::to_string(options_.max_bytes) + " bytes", options_.max_bytes, {}};
    }
    const char* const end = text.data() + text.size();
    nlohmann::json::sax_parse(CountingIterator(text.data(), &place_), CountingIterator(end, &place_), this);
    if (!error_ && event_.kind == 0) fail("the table of names is full");
    if (error_) return std::exchange(error_, std::nullopt);
    write(writer);
    return std::nullopt;
  }

  // --- what sax_parse calls ----------------------------------------------------------------------------------------
  bool null() {
    if (within_array()) return true;
    if (const Part part = part_here(); part != Part::none) return once(part);
    return add({{}, PICKET_TYPE_NULL, 0, 0, {}});
  }
  bool boolean(bool value) {
    if (within_array()) return true;
    if (part_here() != Part::none) return wrong_part("a boolean");
    return add({{}, PICKET_TYPE_BOOL, value ? 1 : 0, 0, {}});
  }
  bool number_integer(std::int64_t value) {
    if (within_array()) return true;
    if (const Part part = part_here(); part != Part::none) return integer_part(part, value);
    return add({{}, PICKET_TYPE_INT, value, 0, {}});
  }
  bool number_unsigned(std::uint64_t value) {
    if (value <= INT64_MAX) return number_integer(static_cast<std::int64_t>(value));
    if (within_array()) return true;
    if (part_here() == Part::sequence) return sequence_part(value);
    return number_as_text(std::to_string(value));
  }
  bool number_float(double value, const std::string& text) {
    if (within_array()) return true;
    if (text.find_first_of(".eE") == std::string::npos) return number_as_text(text);
    if (part_here() != Part::none) return wrong_part("a fraction");
    return add({{}, PICKET_TYPE_DOUBLE, 0, value, {}});
  }
  bool string(std::string& value) {
    if (within_array()) return true;
    if (!frames_.empty() && frames_.back().base64) return bytes(value);
    if (const Part part = part_here(); part != Part::none) return text_part(part, value);
    return add({{}, PICKET_TYPE_TEXT, 0, 0, std::move(value)});
  }
  bool binary(nlohmann::json::binary_t& /*value*/) { return fail("not JSON"); }  // JSON has none

  bool start_object(std::size_t /*size*/) {
    if (depth() == options_.max_depth) return too_deep();
    if (within_array()) {
      ++arrays_;
      return true;
    }
    Frame frame;
    if (!frames_.empty()) {
      if (frames_.back().base64) return fail("`$base64` takes a text");
      const Part part = part_here();
      if (part == Part::fields) {
        if (!once(part)) return false;
        frame.prefix = 0;
        frame.fields = true;
      } else if (part != Part::none) {
        return wrong_part("an object");
      } else {
        frame.prefix = path_.size();
      }
    }
    frames_.push_back(std::move(frame));
    return true;
  }
  bool key(std::string& key) {
    if (within_array()) return true;
    Frame& frame = frames_.back();
    if (frame.base64) return fail("`$base64` stands alone in its object");
    frame.key = key;
    frame.offset = offset_of_string();
    ++frame.members;
    if (key.empty()) {
      path_.clear();
      return fail("a key is empty");
    }
    path_.resize(frame.prefix);
    const bool below_a_field = frames_.size() > 1 && !frame.fields;
    if (below_a_field && key == kBase64Key) {
      if (frame.members > 1) return fail("`$base64` stands alone in its object");
      frame.base64 = true;
      return true;
    }
    if (below_a_field) path_ += '.';
    path_ += key;
    if (path_.size() > kMaxEventJsonKey) {
      return fail("a key has at most " + std::to_string(kMaxEventJsonKey) + " bytes");
    }
    return true;
  }
  bool end_object() {
    if (within_array()) {
      --arrays_;
      return true;
    }
    const Frame frame = std::move(frames_.back());
    frames_.pop_back();
    if (frames_.empty() || frame.fields || frame.members > 0) return true;
    return add({{}, PICKET_TYPE_JSON, 0, 0, "{}"});  // nothing would be left of it otherwise
  }
  bool start_array(std::size_t /*size*/) {
    if (depth() == options_.max_depth) return too_deep();
    if (!within_array()) {
      if (!frames_.empty() && frames_.back().base64) return fail("`$base64` takes a text");
      if (part_here() != Part::none) return wrong_part("an array");
      if (frames_.empty()) return no_object();
      array_ = offset() - 1;
    }
    ++arrays_;
    return true;
  }
  bool end_array() {
    --arrays_;
    if (within_array()) return true;
    return add({{}, PICKET_TYPE_JSON, 0, 0, std::string(text_.substr(array_, offset() - array_))});
  }
  bool parse_error(std::size_t position, const std::string& /*token*/, const nlohmann::json::exception& error) {
    error_ = EventJsonError{syntax_message(error.what()), std::min(position == 0 ? 0 : position - 1, text_.size()),
                            pointer()};
    return false;
  }

 private:
  enum class Part : std::uint8_t { none, time, sequence, kind, source, severity, fields };
  struct Found {
    std::string key;
    picket_type type = PICKET_TYPE_NULL;
    std::int64_t integer = 0;
    double real = 0;
    std::string text;
  };
  struct Frame {
    std::size_t prefix = 0;  // bytes of path_ that its members begin with
    bool fields = false;     // the object `fields` itself
    bool base64 = false;     // {"$base64": ...}
    std::size_t members = 0;
    std::string key;         // the last one
    std::size_t offset = 0;  // of that
  };

  void begin(std::string_view text) {
    text_ = text;
    place_ = text.data();
    error_.reset();
    event_ = {};
    event_.kind = default_kind_;
    frames_.clear();
    path_.clear();
    arrays_ = 0;
    found_.clear();
    keys_.clear();
    bytes_ = 0;
    seen_ = 0;
  }

  std::size_t offset() const { return static_cast<std::size_t>(place_ - text_.data()); }
  std::size_t depth() const { return frames_.size() + arrays_; }
  bool within_array() const { return arrays_ > 0; }

  // Where the string begins that ends at the present place.
  std::size_t offset_of_string() const {
    std::size_t at = offset() - 1;  // its closing quote
    while (at > 0) {
      --at;
      if (text_[at] != '"') continue;
      std::size_t escapes = 0;
      while (escapes < at && text_[at - 1 - escapes] == '\\') ++escapes;
      if (escapes % 2 == 0) return at;
    }
    return at;
  }

  std::string pointer() const {
    std::string result;
    for (const Frame& frame : frames_) {
      if (frame.members == 0) break;
      result += '/';
      for (const char c : frame.key) result += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    return result;
  }

  bool fail(std::string message) {
    const bool at_a_key = !frames_.empty() && frames_.back().members > 0;
    if (!path_.empty() && at_a_key) message = shown_of_json(frames_.back().key) + ": " + message;
    error_ = EventJsonError{std::move(message), at_a_key ? frames_.back().offset : offset(), pointer()};
    return false;
  }
  bool no_object() { return fail("an event is a JSON object, like {\"kind\": \"log\", \"message\": \"text\"}"); }
  bool too_deep() { return fail("nested deeper than " + std::to_string(options_.max_depth)); }
  bool wrong_part(const char* what) {
    switch (part_here()) {
      case Part::time:
        return fail(std::string("wants a time like \"2026-12-01T10:00:00Z\" or integer nanoseconds, not ") + what);
      case Part::sequence:
        return fail(std::string("wants a positive integer, not ") + what);
      case Part::severity:
        return fail(std::string("wants a name like \"warning\" or a number from 0 to 9, not ") + what);
      case Part::fields:
        return fail(std::string("wants an object, not ") + what);
      default:
        return fail(std::string("wants a text, not ") + what);
    }
  }

  Part part_here() const {
    if (frames_.size() != 1) return Part::none;
    const std::string& key = frames_.back().key;
    if (key == "time") return Part::time;
    if (key == "sequence") return Part::sequence;
    if (key == "kind") return Part::kind;
    if (key == "source") return Part::source;
    if (key == "severity") return Part::severity;
    if (key == "fields") return Part::fields;
    return Part::none;
  }
  bool once(Part part) {
    const unsigned bit = 1U << static_cast<unsigned>(part);
    if ((seen_ & bit) != 0) return fail("is given twice");
    seen_ |= bit;
    return true;
  }

  bool integer_part(Part part, std::int64_t value) {
    switch (part) {
      case Part::time:
        event_.time_ns = value;
        return once(part);
      case Part::sequence:
        return value < 0 ? wrong_part("a negative one") : sequence_part(static_cast<std::uint64_t>(value));
      case Part::severity:
        if (value < 0 || value > PICKET_SEVERITY_EMERGENCY) return wrong_part("another number");
        event_.severity = static_cast<std::uint32_t>(value);
        return once(part);
      default:
        return wrong_part("a number");
    }
  }
  bool sequence_part(std::uint64_t value) {
    if (options_.keep_sequence) event_.sequence = value;
    return once(Part::sequence);
  }
  bool text_part(Part part, const std::string& value) {
    switch (part) {
      case Part::time: {
        const auto time = platform::parse_utc(value);
        if (!time) return fail("no time: " + shown_of_json(value) + "; write one like 2026-12-01T10:00:00.5Z");
        event_.time_ns = *time;
        return once(part);
      }
      case Part::severity: {
        const auto severity = severity_of(value);
        if (!severity) {
          const auto known = expression::severity_names();
          const std::vector<std::string> names(known.begin(), known.end());
          return fail("there is no severity " + shown_of_json(value) + config::suggestion(value, names));
        }
        event_.severity = *severity;
        return once(part);
      }
      case Part::kind:
        return name_part(part, value, event_.kind);
      case Part::source:
        return name_part(part, value, event_.source);
      default:
        return wrong_part("a text");
    }
  }
  bool name_part(Part part, const std::string& value, picket_name& name) {
    if (value.empty() || value.size() > Names::kMaxLength || has_control_character(value)) {
      return fail("wants 1 to " + std::to_string(Names::kMaxLength) + " bytes without control characters");
    }
    name = name_of(value);
    if (name != 0) return once(part);
    return fail(options_.names == NamePolicy::intern ? std::string("the table of names is full")
                                                     : shown_of_json(value) + " is not known here");
  }
  picket_name name_of(std::string_view text) const {
    return options_.names == NamePolicy::intern ? names_.intern(text) : names_.find(text);
  }

  // An integer that no type of ours holds exactly.
  bool number_as_text(std::string text) {
    if (part_here() != Part::none) return wrong_part("a number of more than 64 bits");
    return add({{}, PICKET_TYPE_JSON, 0, 0, std::move(text)});
  }
  bool bytes(const std::string& value) {
    std::optional<std::string> decoded = parse_base64(value);
    if (!decoded) return fail("no base64 text");
    return add({{}, PICKET_TYPE_BYTES, 0, 0, std::move(*decoded)}, true);
  }
  bool add(Found found, bool decoded = false) {
    if (frames_.empty()) return no_object();
    if (frames_.back().base64 && !decoded) return fail("`$base64` takes a text");
    if (found_.size() == options_.max_fields) {
      return fail("an event has at most " + std::to_string(options_.max_fields) + " fields");
    }
    if (!keys_.insert(path_).second) return fail("the field " + shown_of_json(path_) + " is given twice");
    bytes_ += path_.size() + sizeof(std::uint16_t) + found.text.size();
    if (bytes_ > kMaxEventJsonBytes) return fail("the keys and texts of an event have at most 1 MiB");
    found.key = path_;
    found_.push_back(std::move(found));
    return true;
  }

  void write(EventWriter& writer) {
    picket_event& event = writer.begin(event_.kind);
    event.time_ns = event_.time_ns;
    event.sequence = event_.sequence;
    event.source = event_.source;
    event.severity = event_.severity;
    for (const Found& found : found_) write(found, writer);
  }
  void write(const Found& found, EventWriter& writer) {
    const picket_name key = name_of(found.key);
    if (found.type == PICKET_TYPE_JSON) {
      key != 0 ? writer.set_json(key, found.text) : writer.set_inline_json(found.key, found.text);
      return;
    }
    if (key == name_key_ && found.type == PICKET_TYPE_TEXT) {
      if (const picket_name name = name_of(found.text)) {
        writer.set_name(key, name);
        return;
      }
    }
    const Value value = value_of_found(found);
    key != 0 ? writer.set(key, value) : writer.set_inline(found.key, value);
  }
  static Value value_of_found(const Found& found) {
    switch (found.type) {
      case PICKET_TYPE_BOOL:
        return Value::boolean(found.integer != 0);
      case PICKET_TYPE_INT:
        return Value::integer(found.integer);
      case PICKET_TYPE_DOUBLE:
        return Value::real(found.real);
      case PICKET_TYPE_TEXT:
        return Value::text(found.text);
      case PICKET_TYPE_BYTES:
        return Value::bytes(found.text);
      default:
        return {};
    }
  }

  Names& names_;
  EventJsonOptions options_;
  picket_name default_kind_ = 0;
  picket_name name_key_ = 0;

  // Of the text that is read.
  std::string_view text_;
  const char* place_ = nullptr;
  std::optional<EventJsonError> error_;
  picket_event event_{};
  std::vector<Frame> frames_;  // open objects that are in no array
  std::string path_;           // the dotted key
  std::size_t arrays_ = 0;     // open arrays, and what is open inside of them
  std::size_t array_ = 0;      // where the outermost begins
  std::vector<Found> found_;
  std::unordered_set<std::string> keys_;
  std::size_t bytes_ = 0;
  unsigned seen_ = 0;  // parts
};

EventJsonReader::EventJsonReader(Names& names, EventJsonOptions options)
    : parser_(std::make_unique<Parser>(names, std::move(options))) {}

EventJsonReader::~EventJsonReader() = default;

std::optional<EventJsonError> EventJsonReader::read(std::string_view text, EventWriter& writer) {
  return parser_->run(text, writer);
}

Result<BatchRef> EventJsonReader::read(std::string_view text) {
  struct One final : Output {
    void pass(const Events& /*in*/, std::span<const std::uint32_t> /*indices*/) override {}
    void pass(const Events& /*in*/) override {}
    void add(BatchRef made) override { batch = std::move(made); }
    BatchRef batch;
  };
  One one;
  EventWriter writer(one);
  if (const auto error = read(text, writer)) return Error{error->text(), PICKET_INVALID};
  writer.flush();
  return one.batch;
}

}  // namespace picket::routing

// SPDX-License-Identifier: Apache-2.0
//
// JSON (RFC 8259): one object, whose nested objects become dotted keys. Read by simdjson's On-Demand parser, which
// checks UTF-8 and strings at once and the rest where it is looked at: so everything is looked at, also inside of
// arrays, which stay JSON as they came.
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "routing/steps/parse/cursor.hpp"
#include "routing/steps/parse/format.hpp"
#include "routing/utf8.hpp"

namespace picket::routing::parse {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr unsigned kDefaultDepth = 16;
constexpr std::string_view kJsonMark = "\xEF\xBB\xBF";

bool is_json_space(char c) {
  return is_blank(c) || c == '\n' || c == '\r';
}

// Whether `token` is a number by the grammar of RFC 8259, section 6; `is_real` if it has a fraction or an exponent.
bool is_json_number(std::string_view token, bool& is_real) {
  Cursor cursor(token);
  cursor.take('-');
  if (!cursor.take('0') && cursor.take_while(is_digit).empty()) return false;
  const std::size_t whole = cursor.offset();
  if (cursor.take('.') && cursor.take_while(is_digit).empty()) return false;
  if (cursor.take('e') || cursor.take('E')) {
    if (!cursor.take('+')) cursor.take('-');
    if (cursor.take_while(is_digit).empty()) return false;
  }
  is_real = cursor.offset() != whole;
  return cursor.at_end();
}

// The first control character inside of a string. REQUIRES: there is one, so simdjson says.
std::size_t find_control(std::string_view text) {
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      inside = !inside;
    } else if (inside && text[i] == '\\') {
      ++i;
    } else if (inside && static_cast<unsigned char>(text[i]) < 0x20) {
      return i;
    }
  }
  return text.size();
}

class JsonFormat final : public Format {
 public:
  explicit JsonFormat(unsigned max_depth) : max_depth_(max_depth) {}

  std::optional<Failure> read(std::string_view text, Reading& reading) override {
    failure_.reset();
    arrays_ = 0;
    reading_ = &reading;
    // simdjson reads beyond the end, in words.
    buffer_.assign(text.begin(), text.end());
    buffer_.resize(text.size() + simdjson::SIMDJSON_PADDING, '\0');
    const std::size_t skipped = text.starts_with(kJsonMark) ? kJsonMark.size() : 0;
    begin_ = buffer_.data();
    end_ = begin_ + text.size();
    ondemand::document document;
    const auto error = parser_.iterate(begin_ + skipped, text.size() - skipped, buffer_.size() - skipped).get(document);
    if (error != simdjson::SUCCESS) {
      fail_before_reading(error, text, skipped);
    } else {
      document_ = &document;
      read_document(skipped);
    }
    return failure_;
  }

 private:
  // Each of these is false once there is a failure_.
  bool fail(const char* at, std::string_view reason) {
    if (!failure_)
      failure_ = Failure{static_cast<std::size_t>(std::clamp<const char*>(at, begin_, end_) - begin_), reason};
    return false;
  }
  bool fail_here(std::string_view reason) {
    const char* at = end_;
    if (document_->current_location().get(at) != simdjson::SUCCESS) at = end_;
    return fail(at, at >= end_ ? "ends inside of an object or array" : reason);
  }

  void fail_before_reading(simdjson::error_code error, std::string_view text, std::size_t skipped) {
    switch (error) {
      case simdjson::UTF8_ERROR:
        fail(begin_ + first_invalid_utf8(text), "not UTF-8");
        break;
      case simdjson::UNCLOSED_STRING:
        fail(end_, "ends inside of a string");
        break;
      case simdjson::UNESCAPED_CHARS:
        fail(begin_ + find_control(text), "a control character in a string");
        break;
      case simdjson::EMPTY:
        fail(begin_ + skipped, "no object");
        break;
      case simdjson::MEMALLOC:
        throw std::bad_alloc();
      default:
        fail(begin_ + skipped, "not JSON");
    }
  }

  void read_document(std::size_t skipped) {
    const char* const first = std::find_if_not<const char*>(begin_ + skipped, end_, is_json_space);
    if (first == end_ || *first != '{') {
      fail(first, "no object");
      return;
    }
    ondemand::object object;
    if (document_->get_object().get(object) != simdjson::SUCCESS) {
      fail(end_, "does not end with }");
      return;
    }
    std::size_t members = 0;
    if (!read_object(object, 1, members)) return;
    const char* at = end_;
    if (document_->current_location().get(at) == simdjson::SUCCESS) fail(at, "text behind the object");
  }

  // `members`: how many there were.
  bool read_object(ondemand::object& object, unsigned depth, std::size_t& members) {
    for (auto member : object) {
      ondemand::field field;
      std::string_view key;
      if (std::move(member).get(field) != simdjson::SUCCESS)
        return fail_here("no \"key\": or no , or } behind a value");
      const char* const at = field.key().raw() - 1;
      if (field.unescaped_key().get(key) != simdjson::SUCCESS) return fail(at, "an invalid escape in a key");
      if (!read_value(key, at, field.value(), depth)) return false;
      ++members;
    }
    return true;
  }

  // `at`: of the key, or of the element of an array.
  bool read_value(std::string_view key, const char* at, ondemand::value value, unsigned depth) {
    ondemand::json_type type;
    if (value.type().get(type) != simdjson::SUCCESS) return fail_here("no value");
    const std::string_view token = token_of(value);
    switch (type) {
      case ondemand::json_type::object:
        return depth < max_depth_ ? read_nested(key, at, value, depth + 1) : fail(at, "nested deeper than max_depth");
      case ondemand::json_type::array:
        return depth < max_depth_ ? read_array(key, at, value, depth + 1) : fail(at, "nested deeper than max_depth");
      case ondemand::json_type::string: {
        std::string_view text;
        if (value.get_string().get(text) != simdjson::SUCCESS)
          return fail(token.data(), "an invalid escape in a string");
        return add(key, at, Value::text(text));
      }
      default:
        return read_word(key, at, token);
    }
  }

  bool read_nested(std::string_view key, const char* at, ondemand::value& value, unsigned depth) {
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return fail_here("no \"key\":");
    const std::size_t outside = arrays_ == 0 ? reading_->enter(key) : 0;
    std::size_t members = 0;
    if (!read_object(object, depth, members)) return false;
    if (arrays_ > 0) return true;
    reading_->leave(outside);
    // Nothing would be left of it otherwise.
    return members > 0 || add_json(key, at, "{}");
  }

  bool read_array(std::string_view key, const char* at, ondemand::value& value, unsigned depth) {
    const char* const start = value.raw_json_token().data();
    ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return fail_here("no , or ] behind a value");
    ++arrays_;
    for (auto element : array) {
      ondemand::value inner;
      if (element.get(inner) != simdjson::SUCCESS) return fail_here("no , or ] behind a value");
      if (!read_value({}, inner.raw_json_token().data(), inner, depth)) return false;
    }
    --arrays_;
    return add_json(key, at, text_up_to_here(start));
  }

  // Numbers and literals.
  bool read_word(std::string_view key, const char* at, std::string_view token) {
    if (token == "true" || token == "false") return add(key, at, Value::boolean(token == "true"));
    if (token == "null") return add(key, at, Value());
    bool is_real = false;
    if (!is_json_number(token, is_real)) return fail(token.data(), "no value");
    std::int64_t integer = 0;
    double real = 0;
    const char* const end = token.data() + token.size();
    if (!is_real && std::from_chars(token.data(), end, integer).ec == std::errc()) {
      return add(key, at, Value::integer(integer));
    }
    if (is_real && std::from_chars(token.data(), end, real).ec == std::errc()) return add(key, at, Value::real(real));
    // No type holds it exactly, or at all.
    return add_json(key, at, token);
  }

  // Inside of arrays nothing is added: they are, as a whole.
  bool add(std::string_view key, const char* at, const Value& value) {
    if (arrays_ > 0) return true;
    const std::string_view problem = reading_->add(key, value);
    return problem.empty() || fail(at, problem);
  }
  bool add_json(std::string_view key, const char* at, std::string_view value) {
    if (arrays_ > 0) return true;
    const std::string_view problem = reading_->add_json(key, value);
    return problem.empty() || fail(at, problem);
  }

  // A number or literal, without the blanks behind it.
  static std::string_view token_of(ondemand::value& value) {
    std::string_view token = value.raw_json_token();
    while (!token.empty() && is_json_space(token.back())) token.remove_suffix(1);
    return token;
  }

  // From `start` to the end of what was just read, which is an array.
  std::string_view text_up_to_here(const char* start) const {
    const char* at = end_;
    if (document_->current_location().get(at) != simdjson::SUCCESS) at = end_;
    std::string_view text(start, static_cast<std::size_t>(at - start));
    return text.substr(0, text.rfind(']') + 1);
  }

  const unsigned max_depth_;
  ondemand::parser parser_;
  std::vector<char> buffer_;
  // During read():
  const char* end_ = nullptr;
  char* begin_ = nullptr;
  ondemand::document* document_ = nullptr;
  Reading* reading_ = nullptr;
  unsigned arrays_ = 0;  // how many the value that is read lies in
  std::optional<Failure> failure_;
};

std::unique_ptr<Format> make_json(const nlohmann::json& settings, const Zone& /*zone*/) {
  return std::make_unique<JsonFormat>(settings.value("max_depth", kDefaultDepth));
}

constexpr std::array<std::string_view, 1> kJsonOptions = {"max_depth"};

}  // namespace

const FormatType kJson = {"json", kJsonOptions, make_json, nullptr};

}  // namespace picket::routing::parse

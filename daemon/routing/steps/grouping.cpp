// SPDX-License-Identifier: Apache-2.0
#include "routing/steps/grouping.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace picket::routing {
namespace {

// What a label's value is, in the key. Of a JSON field the text is compared, but it stays apart from plain text.
constexpr char kBooleanLabel = 'b';
constexpr char kIntegerLabel = 'i';
constexpr char kRealLabel = 'r';
constexpr char kTextLabel = 't';
constexpr char kJsonLabel = 'j';
constexpr char kBytesLabel = 'y';

// With it, every restart of a process would begin a new series.
constexpr std::string_view kNoPartOfASeries[] = {"value", "pid", "process.pid", "process.parent_pid"};

std::string_view inline_text(const picket_batch& batch, std::uint32_t key) {
  const picket_str text = picket_batch_inline_key_text(&batch, key);
  return {text.data, static_cast<std::size_t>(text.length)};
}

template <typename Word>
Word take(std::string_view& bytes) {
  Word word;
  std::memcpy(&word, bytes.data(), sizeof word);
  bytes.remove_prefix(sizeof word);
  return word;
}

std::string_view take_text(std::string_view& bytes, std::size_t length) {
  const std::string_view text = bytes.substr(0, length);
  bytes.remove_prefix(length);
  return text;
}

}  // namespace

GroupKey make_group_key(std::string_view bytes) {
  const std::uint64_t hash = std::hash<std::string_view>()(bytes);
  return {bytes, static_cast<std::uint32_t>(hash ^ (hash >> 32U))};
}

Grouping::Grouping(const nlohmann::json& settings, Names& names) : names_(&names), metric_(names.intern("metric")) {
  for (const std::string_view key : kNoPartOfASeries) excluded_.push_back(names.intern(key));
  const auto by = settings.find("by");
  if (by == settings.end()) return;
  series_ = false;
  for (const nlohmann::json& element : *by) {
    const std::string& text = element.get_ref<const std::string&>();
    const auto checked = check_element(text, names);
    if (!checked) throw std::runtime_error("'by': " + checked.error().message);
    const std::string& key = checked.value();
    if (!key.empty()) by_.emplace_back(names.intern(key), key);
    by_source_ = by_source_ || text == "source";
    by_kind_ = by_kind_ || text == "kind";
    by_severity_ = by_severity_ || text == "severity";
  }
}

CompileResult<std::string> Grouping::check_element(std::string_view element, Names& names) {
  if (element == "source" || element == "kind" || element == "severity") return std::string();
  if (element == "time") {
    return ExpressionError{"every time would be a group of its own; a field of that key is `fields.time`", 0, 4};
  }
  const auto compiled = Expression::compile(element, names);
  if (!compiled) return compiled.error();
  const std::vector<std::string> fields = compiled.value().fields();
  const auto is_reference = [&](const std::string& key) {
    return element == key || element == "fields." + key || element == "`" + key + "`" ||
           (element.starts_with("fields[") && element.find(']') == element.size() - 1);
  };
  if (fields.size() == 1 && is_reference(fields[0])) return fields[0];
  return ExpressionError{
      "this is neither source, kind, severity nor a field; a step `set` before this one can compute "
      "a field, and odd keys are written in backticks",
      0, element.size()};
}

bool Grouping::tells_apart(std::string_view key) const {
  if (series_) return true;
  return std::any_of(by_.begin(), by_.end(), [&](const auto& field) { return field.text == key; });
}

bool Grouping::key_of(const picket_batch& batch, const picket_event& event, GroupKey& key) {
  bytes_.clear();
  append(series_ || by_source_ ? event.source : 0);
  append(series_ || by_kind_ ? event.kind : 0);
  append(by_severity_ ? event.severity : 0);
  if (series_) {
    if (event.kind == metric_ && !append_series(batch, event)) return false;
  } else {
    const expression::Context context{&batch, &event, names_};
    for (const expression::FieldKey& wanted : by_) {
      const picket_field* const field = expression::find_field(context, wanted);
      if (field == nullptr || field->type == PICKET_TYPE_NULL) continue;
      const bool interned = wanted.id != expression::FieldKey::kUnknown;
      append_label(batch, interned ? wanted.id : PICKET_KEY_INLINE, wanted.text, *field);
    }
  }
  if (bytes_.size() > kMaxKeyBytes) return false;
  key = make_group_key(bytes_);
  return true;
}

bool Grouping::excluded(std::uint32_t key) const {
  return std::find(excluded_.begin(), excluded_.end(), key) != excluded_.end();
}

// Attributes in one order, whatever order they came in: interned keys by id, then others by text.
bool Grouping::append_series(const picket_batch& batch, const picket_event& event) {
  if (event.field_count > kMaxFields) return false;
  sorted_.clear();
  bool ascending = true;
  std::uint32_t last = 0;
  for (std::uint32_t i = 0; i < event.field_count; ++i) {
    const picket_field& field = batch.fields[event.first_field + i];
    if (excluded(field.key) || field.type == PICKET_TYPE_NULL) continue;
    ascending = ascending && field.key > last && (field.key & PICKET_KEY_INLINE) == 0;
    last = field.key;
    sorted_.push_back(&field);
  }
  if (!ascending) {
    std::stable_sort(sorted_.begin(), sorted_.end(), [&](const picket_field* a, const picket_field* b) {
      const bool a_inline = (a->key & PICKET_KEY_INLINE) != 0;
      const bool b_inline = (b->key & PICKET_KEY_INLINE) != 0;
      if (!a_inline || !b_inline) return a->key < b->key;
      return inline_text(batch, a->key) < inline_text(batch, b->key);
    });
  }
  for (const picket_field* const field : sorted_) {
    const bool interned = (field->key & PICKET_KEY_INLINE) == 0;
    append_label(batch, field->key, interned ? std::string_view() : inline_text(batch, field->key), *field);
    if (bytes_.size() > kMaxKeyBytes) return false;
  }
  return true;
}

void Grouping::append_label(const picket_batch& batch, std::uint32_t key, std::string_view key_text,
                            const picket_field& field) {
  if ((key & PICKET_KEY_INLINE) != 0) {
    append(PICKET_KEY_INLINE | static_cast<std::uint32_t>(key_text.size()));
    bytes_ += key_text;
  } else {
    append(key);
  }
  append_value(expression::field_value({&batch, nullptr, names_}, &field), field.type == PICKET_TYPE_JSON);
}

void Grouping::append_value(const Value& value, bool json) {
  switch (value.type()) {
    case ValueType::null:  // a type that this daemon does not know
      append_text(kBytesLabel, {});
      return;
    case ValueType::boolean:
      append(kBooleanLabel);
      append(static_cast<std::int64_t>(value.as_boolean()));
      return;
    case ValueType::integer:
      append(kIntegerLabel);
      append(value.as_integer());
      return;
    case ValueType::real: {
      const double real = value.as_real();
      const bool whole = std::trunc(real) == real && std::fabs(real) < 9007199254740992.0;  // 2^53
      append(whole ? kIntegerLabel : kRealLabel);
      if (whole)
        append(static_cast<std::int64_t>(real));
      else
        append(std::isnan(real) ? std::nan("") : real);
      return;
    }
    case ValueType::text:
      append_text(json ? kJsonLabel : kTextLabel, value.as_text());
      return;
    case ValueType::bytes:
      append_text(kBytesLabel, value.as_text());
      return;
  }
}

// A text that is too long ends the key beyond its limit without being copied.
void Grouping::append_text(char type, std::string_view text) {
  append(type);
  append(static_cast<std::uint32_t>(text.size()));
  bytes_ += text.substr(0, kMaxKeyBytes + 1);
}

bool Grouping::next(std::string_view& labels, Label& label) {
  if (labels.empty()) return false;
  label = {};
  const auto key = take<std::uint32_t>(labels);
  if ((key & PICKET_KEY_INLINE) != 0)
    label.key_text = take_text(labels, key & ~PICKET_KEY_INLINE);
  else
    label.name = key;
  const char type = take<char>(labels);
  switch (type) {
    case kBooleanLabel:
      label.value = Value::boolean(take<std::int64_t>(labels) != 0);
      break;
    case kIntegerLabel:
      label.value = Value::integer(take<std::int64_t>(labels));
      break;
    case kRealLabel:
      label.value = Value::real(take<double>(labels));
      break;
    default: {
      const std::string_view text = take_text(labels, take<std::uint32_t>(labels));
      label.value = type == kBytesLabel ? Value::bytes(text) : Value::text(text);
      label.json = type == kJsonLabel;
    }
  }
  return true;
}

void Grouping::write(std::string_view key, EventWriter& writer, const Names& names, picket_name except) {
  std::string_view labels = labels_of(key);
  Label label;
  while (next(labels, label)) {
    if (label.name == 0) {
      if (label.json)
        writer.set_json(label.key_text, names, label.value.as_text());
      else
        writer.set(label.key_text, names, label.value);
    } else if (label.name != except) {
      const picket_name known = label.value.is_text() && !label.json ? names.find(label.value.as_text()) : 0;
      if (known != 0)
        writer.set_name(label.name, known);
      else if (label.json)
        writer.set_json(label.name, label.value.as_text());
      else
        writer.set(label.name, label.value);
    }
  }
}

}  // namespace picket::routing

// SPDX-License-Identifier: Apache-2.0
//
// A batch that a test fills field by field, and short ways to evaluate an expression on its last event. Used by the
// tests and the benchmark of the expression language.
#pragma once

#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include "picket/batch.h"
#include "routing/expression/expression.hpp"
#include "routing/names.hpp"

namespace picket::routing {

class TestBatch {
 public:
  explicit TestBatch(Names& names) : names_(names) {
    batch_.size = sizeof batch_;
    batch_.events = events_.data();
    batch_.fields = fields_.data();
    batch_.bytes = bytes_.data();
    batch_.event_capacity = static_cast<std::uint32_t>(events_.size());
    batch_.field_capacity = static_cast<std::uint32_t>(fields_.size());
    batch_.byte_capacity = static_cast<std::uint32_t>(bytes_.size());
  }
  TestBatch(const TestBatch&) = delete;
  TestBatch& operator=(const TestBatch&) = delete;

  TestBatch& event(std::string_view kind, std::string_view source = "", std::uint32_t severity = 0) {
    picket_event* const added = picket_batch_event(&batch_, names_.intern(kind));
    added->source = names_.intern(source);
    added->severity = severity;
    return *this;
  }

  TestBatch& at(std::int64_t time_ns) {
    batch_.events[batch_.event_count - 1].time_ns = time_ns;
    return *this;
  }

  TestBatch& integer(std::string_view key, std::int64_t value) {
    picket_batch_int(&batch_, names_.intern(key), value);
    return *this;
  }
  TestBatch& real(std::string_view key, double value) {
    picket_batch_double(&batch_, names_.intern(key), value);
    return *this;
  }
  TestBatch& boolean(std::string_view key, bool value) {
    picket_batch_bool(&batch_, names_.intern(key), value ? 1 : 0);
    return *this;
  }
  TestBatch& name(std::string_view key, std::string_view value) {
    picket_batch_name(&batch_, names_.intern(key), names_.intern(value));
    return *this;
  }
  TestBatch& text(std::string_view key, std::string_view value) { return heap(key, PICKET_TYPE_TEXT, value); }
  TestBatch& heap(std::string_view key, picket_type type, std::string_view value) {
    picket_batch_heap(&batch_, names_.intern(key), type, picket_str_of(value.data(), value.size()));
    return *this;
  }
  TestBatch& null(std::string_view key) {
    picket_batch_field(&batch_, names_.intern(key), PICKET_TYPE_NULL);
    return *this;
  }
  TestBatch& inline_integer(std::string_view key, std::int64_t value) {
    picket_batch_int(&batch_, picket_batch_inline_key(&batch_, picket_str_of(key.data(), key.size())), value);
    return *this;
  }

  picket_batch& raw() { return batch_; }
  const picket_event& last() const { return batch_.events[batch_.event_count - 1]; }

  // The value of `text` for the last event, as explain() writes values; a compile error as "error: ...".
  std::string evaluate(std::string_view text, NamePolicy policy = NamePolicy::intern) {
    const auto compiled = Expression::compile(text, names_, policy);
    if (!compiled) return "error: " + compiled.error().message;
    return write(compiled.value().evaluate(batch_, last()));
  }

  static std::string write(const Value& value) {
    switch (value.type()) {
      case ValueType::null:
        return "null";
      case ValueType::boolean:
        return value.as_boolean() ? "true" : "false";
      case ValueType::integer:
        return std::to_string(value.as_integer());
      case ValueType::real:
        return write_real(value.as_real());
      case ValueType::text:
        return "\"" + std::string(value.as_text()) + "\"";
      case ValueType::bytes:
        return "(" + std::to_string(value.as_text().size()) + " bytes)";
    }
    return {};
  }

 private:
  // With a point, so that tests see the difference between 2 and 2.0.
  static std::string write_real(double value) {
    std::array<char, 64> room;
    std::snprintf(room.data(), room.size(), "%.12g", value);
    std::string text = room.data();
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
  }

  Names& names_;
  std::array<picket_event, 256> events_ = {};
  std::array<picket_field, 4096> fields_ = {};
  std::array<char, 262144> bytes_ = {};
  picket_batch batch_ = {};
};

}  // namespace picket::routing

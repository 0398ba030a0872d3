// SPDX-License-Identifier: Apache-2.0
//
// Config: the settings of one instance. The daemon has merged, substituted, defaulted and checked them against the
// schema, so a missing value means that the schema neither requires it nor gives a default. Valid during the call that
// received it, on that thread.
#ifndef PICKET_DETAIL_CONFIG_HPP
#define PICKET_DETAIL_CONFIG_HPP

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "../abi_copy.hpp"
#include "../plugin.h"
#include "failure.hpp"
#include "text.hpp"

namespace picket {

// `pointer` is a JSON pointer (RFC 6901): "/interval", "/listen/path". The getters without a default throw Failure
// (NOT_FOUND) when nothing is there; all throw Failure (INVALID) when what is there has another type.
class Config {
 public:
  explicit Config(const picket_config &table) noexcept : table_(copy_table(&table)) {}

  [[nodiscard]] std::string text(std::string_view pointer) const { return need(find_text(pointer), pointer); }
  [[nodiscard]] std::string text(std::string_view pointer, std::string_view otherwise) const {
    auto found = find_text(pointer);
    return found ? std::move(*found) : std::string(otherwise);
  }

  [[nodiscard]] std::int64_t integer(std::string_view pointer) const { return need(find_integer(pointer), pointer); }
  [[nodiscard]] std::int64_t integer(std::string_view pointer, std::int64_t otherwise) const {
    return find_integer(pointer).value_or(otherwise);
  }

  // Integers are numbers too.
  [[nodiscard]] double number(std::string_view pointer) const { return need(find_number(pointer), pointer); }
  [[nodiscard]] double number(std::string_view pointer, double otherwise) const {
    return find_number(pointer).value_or(otherwise);
  }

  [[nodiscard]] bool boolean(std::string_view pointer) const { return need(find_boolean(pointer), pointer); }
  [[nodiscard]] bool boolean(std::string_view pointer, bool otherwise) const {
    return find_boolean(pointer).value_or(otherwise);
  }

  // A setting of the schema format "duration": written "5s" in YAML, integer nanoseconds here.
  [[nodiscard]] std::chrono::nanoseconds duration(std::string_view pointer) const {
    return std::chrono::nanoseconds(integer(pointer));
  }
  [[nodiscard]] std::chrono::nanoseconds duration(std::string_view pointer, std::chrono::nanoseconds otherwise) const {
    return std::chrono::nanoseconds(integer(pointer, otherwise.count()));
  }

  // The whole of it as canonical JSON text, for settings that are more than a few scalars.
  [[nodiscard]] std::string_view json() const noexcept {
    return table_.json == nullptr ? std::string_view("{}") : to_view(table_.json(table_.self));
  }

 private:
  struct Scalar {
    picket_field field{};
    picket_str text{};
  };

  std::optional<Scalar> find(std::string_view pointer, picket_type type, const char *expected) const {
    if (table_.get == nullptr) throw Failure("the daemon gave settings without a getter", PICKET_UNSUPPORTED);
    Scalar scalar;
    const picket_status status = table_.get(table_.self, to_str(pointer), type, &scalar.field, &scalar.text);
    if (status == PICKET_OK) return scalar;
    if (status == PICKET_NOT_FOUND) return std::nullopt;
    throw Failure(std::string(pointer) + ": expected " + expected, PICKET_INVALID);
  }
  std::optional<std::string> find_text(std::string_view pointer) const {
    const auto scalar = find(pointer, PICKET_TYPE_TEXT, "a text");
    return scalar ? std::optional<std::string>(to_view(scalar->text)) : std::nullopt;
  }
  std::optional<std::int64_t> find_integer(std::string_view pointer) const {
    const auto scalar = find(pointer, PICKET_TYPE_INT, "an integer");
    return scalar ? std::optional<std::int64_t>(scalar->field.value.i) : std::nullopt;
  }
  std::optional<double> find_number(std::string_view pointer) const {
    const auto scalar = find(pointer, PICKET_TYPE_DOUBLE, "a number");
    return scalar ? std::optional<double>(scalar->field.value.f) : std::nullopt;
  }
  std::optional<bool> find_boolean(std::string_view pointer) const {
    const auto scalar = find(pointer, PICKET_TYPE_BOOL, "true or false");
    return scalar ? std::optional<bool>(scalar->field.value.i != 0) : std::nullopt;
  }

  template <typename T>
  static T need(std::optional<T> found, std::string_view pointer) {
    if (!found) throw Failure(std::string(pointer) + ": this setting is missing", PICKET_NOT_FOUND);
    return std::move(*found);
  }

  picket_config table_;
};

}  // namespace picket

#endif

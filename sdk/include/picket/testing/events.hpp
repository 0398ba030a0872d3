// SPDX-License-Identifier: Apache-2.0
//
// Events as a test wants them: plain values, easy to write down and to compare. Used by picket/testing.hpp only.
#ifndef PICKET_TESTING_EVENTS_HPP
#define PICKET_TESTING_EVENTS_HPP

#include <cstdint>
#include <map>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "../batch.h"
#include "../detail/text.hpp"

namespace picket::testing {

// A field's value. A NAME reads as its text; `Bytes` and `Json` keep apart what is no text.
struct Bytes {
  std::string data;
  bool operator==(const Bytes &) const = default;
};
struct Json {
  std::string text;
  bool operator==(const Json &) const = default;
};
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, Bytes, Json>;

struct Event {
  std::string kind = {};
  std::string source = {};     // empty when it is to be stamped by the host
  std::int64_t time_ns = 0;    // UTC since 1970; 0: stamped by the host
  std::uint32_t severity = 0;  // PICKET_SEVERITY_...
  std::map<std::string, Value> fields = {};
  std::uint64_t sequence = 0;  // 0: numbered by the host

  [[nodiscard]] bool has(const std::string &key) const { return fields.contains(key); }

  // The value of a field of that type; throw std::runtime_error, naming the field, when there is none.
  [[nodiscard]] const std::string &text(const std::string &key) const { return get<std::string>(key, "a text"); }
  [[nodiscard]] std::int64_t integer(const std::string &key) const { return get<std::int64_t>(key, "an integer"); }
  [[nodiscard]] bool boolean(const std::string &key) const { return get<bool>(key, "a boolean"); }
  // Integers are numbers too.
  [[nodiscard]] double number(const std::string &key) const {
    const auto found = fields.find(key);
    if (found != fields.end()) {
      if (const auto *integer = std::get_if<std::int64_t>(&found->second)) return static_cast<double>(*integer);
    }
    return get<double>(key, "a number");
  }

 private:
  template <typename T>
  const T &get(const std::string &key, const char *type) const {
    const auto found = fields.find(key);
    if (found == fields.end()) throw std::runtime_error("the " + kind + " event has no field '" + key + "'");
    const T *value = std::get_if<T>(&found->second);
    if (value == nullptr) throw std::runtime_error("field '" + key + "' of the " + kind + " event is not " + type);
    return *value;
  }
};

// What a plugin emitted at once.
struct Emitted {
  std::string port = {};    // empty: the default port
  std::uint64_t token = 0;  // 0: no answer wanted
  std::vector<Event> events = {};
};

inline std::ostream &operator<<(std::ostream &out, const Value &value) {
  struct Writer {
    std::ostream &out;
    void operator()(std::monostate) { out << "null"; }
    void operator()(bool v) { out << (v ? "true" : "false"); }
    void operator()(std::int64_t v) { out << v; }
    void operator()(double v) { out << v; }
    void operator()(const std::string &v) { out << '"' << v << '"'; }
    void operator()(const Bytes &v) { out << v.data.size() << " bytes"; }
    void operator()(const Json &v) { out << "json " << v.text; }
  };
  std::visit(Writer{out}, value);
  return out;
}

// For the messages of failed assertions.
inline std::ostream &operator<<(std::ostream &out, const Event &event) {
  out << event.kind << " from '" << event.source << "' at " << event.time_ns << " severity " << event.severity << " {";
  const char *separator = "";
  for (const auto &[key, value] : event.fields) {
    out << separator << key << ": ";
    operator<<(out, value);
    separator = ", ";
  }
  return out << '}';
}

}  // namespace picket::testing

#endif

// SPDX-License-Identifier: Apache-2.0
//
// logfmt: `level=info msg="two words" cached`, pairs parted by blanks (brandur.org/logfmt; there is no standard).
//   line  = { blanks pair } blanks
//   pair  = key [ "=" [ value ] ]          a key alone is true
//   key   = characters but blanks, "=" and quotes
//   value = quoted | characters but blanks and quotes
#include "routing/steps/parse/cursor.hpp"
#include "routing/steps/parse/format.hpp"
#include "routing/steps/parse/quoted.hpp"

namespace picket::routing::parse {
namespace {

bool is_line_blank(char c) {
  return is_blank(c) || c == '\n' || c == '\r';
}

class LogfmtFormat final : public Format {
 public:
  std::optional<Failure> read(std::string_view text, Reading& reading) override {
    Cursor cursor(text);
    bool found_pair = false;
    while (true) {
      cursor.take_while(is_line_blank);
      if (cursor.at_end()) break;
      if (auto failure = read_pair(cursor, reading, found_pair)) return failure;
    }
    // Every prose is a list of keys alone; what has no single pair was hardly meant as logfmt.
    if (!found_pair) return Failure{0, "no key=value in it"};
    return std::nullopt;
  }

 private:
  static std::optional<Failure> read_pair(Cursor& cursor, Reading& reading, bool& found_pair) {
    const std::size_t start = cursor.offset();
    const std::string_view key = cursor.take_while([](char c) { return !is_line_blank(c) && c != '=' && c != '"'; });
    if (cursor.peek() == '"') return Failure{cursor.offset(), "a quote in a key"};
    if (key.empty()) return Failure{start, "an = without a key"};
    Value value = Value::boolean(true);
    if (cursor.take('=')) {
      found_pair = true;
      const std::size_t value_start = cursor.offset();
      if (cursor.peek() == '"') {
        const auto quoted = read_quoted(cursor, reading.arena());
        if (!quoted) return Failure{value_start, "a quote that is not closed"};
        if (!cursor.at_end() && !is_line_blank(cursor.peek()))
          return Failure{cursor.offset(), "no blank after a quote"};
        value = reading.text_value(*quoted);
      } else {
        value = reading.text_value(cursor.take_while([](char c) { return !is_line_blank(c) && c != '"'; }));
        if (cursor.peek() == '"') return Failure{cursor.offset(), "a quote inside a value without quotes"};
      }
    }
    if (const auto problem = reading.add(key, value); !problem.empty()) return Failure{start, problem};
    return std::nullopt;
  }
};

std::unique_ptr<Format> make_logfmt(const nlohmann::json& /*settings*/, const Zone& /*zone*/) {
  return std::make_unique<LogfmtFormat>();
}

}  // namespace

const FormatType kLogfmt = {"logfmt", {}, make_logfmt, nullptr};

}  // namespace picket::routing::parse

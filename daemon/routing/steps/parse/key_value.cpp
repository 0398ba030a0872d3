// SPDX-License-Identifier: Apache-2.0
//
// Pairs with separators of the operator's choice: `a=1, b=2`, `user: "x; y"; id: 7`.
//   line  = [ item ] { pair_separator [ item ] }
//   item  = key value_separator [ value ]
//   value = quoted | anything up to the next pair_separator
// Blanks around keys and values do not count. A pair_separator of blanks stands for any number of blanks.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "routing/steps/parse/cursor.hpp"
#include "routing/steps/parse/format.hpp"
#include "routing/steps/parse/quoted.hpp"

namespace picket::routing::parse {
namespace {

struct PairSettings {
  std::string pair_separator;
  std::string value_separator;
  std::string quotes;
};

PairSettings read_pair_settings(const nlohmann::json& settings) {
  return {settings.value("pair_separator", " "), settings.value("value_separator", "="),
          settings.value("quotes", "\"'")};
}

bool only_blanks(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_blank);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

class KeyValueFormat final : public Format {
 public:
  explicit KeyValueFormat(PairSettings settings)
      : settings_(std::move(settings)), blanks_part_(only_blanks(settings_.pair_separator)) {}

  std::optional<Failure> read(std::string_view text, Reading& reading) override {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    Cursor cursor(text);
    bool found_pair = false;
    while (true) {
      cursor.skip_blanks();
      if (cursor.at_end()) break;
      if (!blanks_part_ && cursor.take(settings_.pair_separator)) continue;  // an empty item
      if (auto failure = read_item(cursor, reading)) return failure;
      found_pair = true;
    }
    if (!found_pair) return Failure{0, "no pair in it"};
    return std::nullopt;
  }

 private:
  // The offset of the pair_separator that comes next, or of the end.
  std::size_t item_end(const Cursor& cursor) const {
    const std::string_view rest = cursor.rest();
    if (blanks_part_) {
      const auto* const blank = std::find_if(rest.begin(), rest.end(), is_blank);
      return cursor.offset() + static_cast<std::size_t>(blank - rest.begin());
    }
    return cursor.offset() + std::min(rest.find(settings_.pair_separator), rest.size());
  }

  std::optional<Failure> read_item(Cursor& cursor, Reading& reading) const {
    const std::size_t start = cursor.offset();
    // Only inside the item: looked for in all of the text, a rare separator would cost the square of its length.
    const std::size_t end = item_end(cursor);
    const std::string_view rest = cursor.rest();
    // A separator of values may hold blanks itself (`a: 1`), and then reach over the end of the key.
    const std::size_t reach = std::min(rest.size(), end - start + settings_.value_separator.size());
    const std::size_t separator = rest.substr(0, reach).find(settings_.value_separator);
    if (separator == std::string_view::npos) return Failure{start, "no value_separator after a key"};
    const std::string_view key = trim(rest.substr(0, separator));
    cursor.go_to(start + separator + settings_.value_separator.size());
    if (!blanks_part_) cursor.skip_blanks();
    std::string_view value;
    if (!cursor.at_end() && settings_.quotes.find(cursor.peek()) != std::string::npos) {
      const std::size_t quote = cursor.offset();
      const auto quoted = read_quoted(cursor, reading.arena());
      if (!quoted) return Failure{quote, "a quote that is not closed"};
      value = *quoted;
      if (const auto failure = end_item(cursor)) return failure;
    } else {
      const std::size_t value_start = cursor.offset();
      cursor.go_to(item_end(cursor));
      value = trim(cursor.since(value_start));
      if (!blanks_part_) cursor.take(settings_.pair_separator);
    }
    if (const auto problem = reading.add_text(key, value); !problem.empty()) return Failure{start, problem};
    return std::nullopt;
  }

  // Behind a quoted value there is a pair_separator or the end.
  std::optional<Failure> end_item(Cursor& cursor) const {
    const std::size_t after = cursor.offset();
    cursor.skip_blanks();
    if (cursor.at_end()) return std::nullopt;
    if (blanks_part_ ? cursor.offset() != after : cursor.take(settings_.pair_separator)) return std::nullopt;
    return Failure{cursor.offset(), "no pair_separator after a quote"};
  }

  const PairSettings settings_;
  const bool blanks_part_;
};

std::unique_ptr<Format> make_key_value(const nlohmann::json& settings, const Zone& /*zone*/) {
  return std::make_unique<KeyValueFormat>(read_pair_settings(settings));
}

void check_key_value(const nlohmann::json& settings, std::vector<StepProblem>& problems) {
  const PairSettings pairs = read_pair_settings(settings);
  if (only_blanks(pairs.value_separator) && only_blanks(pairs.pair_separator)) {
    problems.push_back({"/value_separator", 0, "blanks cannot part pairs and values at the same time"});
  } else if (pairs.pair_separator.find(pairs.value_separator) != std::string::npos) {
    problems.push_back({"/value_separator", 0, "is a part of pair_separator, so that no value would ever begin"});
  }
  for (const char quote : pairs.quotes) {
    if ((pairs.pair_separator + pairs.value_separator).find(quote) == std::string::npos) continue;
    problems.push_back({"/quotes", 0, "a separator holds this quote: choose other quotes, or none (\"\")"});
    break;
  }
}

constexpr std::array<std::string_view, 3> kKeyValueOptions = {"pair_separator", "value_separator", "quotes"};

}  // namespace

const FormatType kKeyValue = {"key_value", kKeyValueOptions, make_key_value, check_key_value};

}  // namespace picket::routing::parse

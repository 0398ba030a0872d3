// SPDX-License-Identifier: Apache-2.0
//
// See file_number.hpp.
#include "file_number.hpp"

#include <re2/re2.h>

#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "scan.hpp"

namespace picket::perf_collector {

namespace {

constexpr std::size_t kShown = 80;              // bytes of a text that an error quotes
constexpr int kMostGroups = 8;                  // of an expression
constexpr std::int64_t kRegexMemory = 1 << 20;  // bytes

// The start of `text` on one line.
std::string seen(std::string_view text) {
  std::string shown = "\"";
  for (const char c : text.substr(0, kShown)) shown += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return shown + (text.size() > kShown ? "...\"" : "\"");
}

std::string no_number(std::string_view text) {
  return "no number: " + seen(text);
}

}  // namespace

bool parse_number(std::string_view text, FoundNumber& number) {
  const bool signed_plus = text.starts_with('+');
  if (signed_plus) text.remove_prefix(1);
  const char* start = text.data();
  const char* end = start + text.size();
  if (text.starts_with("0x") || text.starts_with("0X")) {
    const auto [stop, error] = std::from_chars(start + 2, end, number.integer, 16);
    number.whole = true;
    number.real = static_cast<double>(number.integer);
    return error == std::errc() && stop == end && number.integer >= 0;
  }
  const auto [stop, error] = std::from_chars(start, end, number.integer);
  number.whole = error == std::errc() && stop == end;
  if (number.whole) {
    number.real = static_cast<double>(number.integer);
    return !(signed_plus && text.starts_with('-'));
  }
  const auto [real_stop, real_error] = std::from_chars(start, end, number.real);
  return real_error == std::errc() && real_stop == end && std::isfinite(number.real) && !signed_plus;
}

NumberFinder::NumberFinder(const NumberSettings& settings) : settings_(settings) {
  if (settings.regex.empty()) return;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRegexMemory);
  regex_ = std::make_unique<re2::RE2>("(?m)" + settings.regex, options);
  if (!regex_->ok()) throw std::invalid_argument("is no regular expression (RE2): " + regex_->error());
  const int groups = regex_->NumberOfCapturingGroups();
  if (groups >= kMostGroups) throw std::invalid_argument("has more than 7 groups; write the others as (?:...)");
  const auto& names = regex_->NamedCapturingGroups();
  const auto named = names.find("value");
  value_group_ = named != names.end() ? named->second : (groups > 0 ? 1 : 0);
  if (!settings.each) return;
  if (groups < 2) {
    throw std::invalid_argument(
        "needs two groups for `each`: the number, (?P<value>...) or the first, and what tells "
        "the matches apart");
  }
  label_group_ = value_group_ == 1 ? 2 : 1;
}

NumberFinder::~NumberFinder() = default;

std::string NumberFinder::find(std::string_view text, const std::function<void(const FoundNumber&)>& tell) const {
  return regex_ != nullptr ? find_by_regex(text, tell) : find_by_column(text, tell);
}

std::string NumberFinder::find_by_regex(std::string_view text,
                                        const std::function<void(const FoundNumber&)>& tell) const {
  const re2::StringPiece whole(text.data(), text.size());
  std::array<re2::StringPiece, kMostGroups> groups;
  std::string problem;
  std::size_t at = 0;
  bool any = false;
  while (at <= text.size() &&
         regex_->Match(whole, at, text.size(), re2::RE2::UNANCHORED, groups.data(), static_cast<int>(groups.size()))) {
    const auto group = [&groups](int i) {
      const re2::StringPiece& piece = groups[static_cast<std::size_t>(i)];
      return std::string_view(piece.data(), piece.size());
    };
    FoundNumber number;
    if (parse_number(group(value_group_), number)) {
      if (label_group_ != 0) number.label = group(label_group_);
      tell(number);
      any = true;
    } else if (problem.empty()) {
      problem = "the expression matches " + no_number(group(value_group_));
    }
    if (!settings_.each) break;
    const auto end = static_cast<std::size_t>(groups[0].data() - text.data()) + groups[0].size();
    at = end > at ? end : at + 1;  // an empty match must not be found for ever
  }
  if (any) return {};
  return problem.empty() ? "the expression matches nothing in " + seen(text) : problem;
}

std::string NumberFinder::find_by_column(std::string_view text,
                                         const std::function<void(const FoundNumber&)>& tell) const {
  std::string problem;
  bool any = false;
  Scanner lines(text);
  for (std::string_view line; lines.line(line);) {
    if (!line.starts_with(settings_.line)) continue;
    Scanner words(line);
    std::string_view word;
    FoundNumber number;
    if (!words.skip(settings_.column - 1) || !words.word(word)) {
      if (problem.empty()) problem = "no column " + std::to_string(settings_.column) + " in the line " + seen(line);
    } else if (!parse_number(word, number)) {
      if (problem.empty()) {
        problem =
            "column " + std::to_string(settings_.column) + " of the line " + seen(line) + " is " + no_number(word);
      }
    } else {
      if (settings_.each) Scanner(line).word(number.label);
      tell(number);
      any = true;
    }
    if (!settings_.each) break;
  }
  if (any) return {};
  if (!problem.empty()) return problem;
  return settings_.line.empty() ? "the file is empty"
                                : "no line starts with " + seen(settings_.line) + "; the file starts " + seen(text);
}

}  // namespace picket::perf_collector

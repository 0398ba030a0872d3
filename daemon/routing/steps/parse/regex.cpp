// SPDX-License-Identifier: Apache-2.0
//
// Patterns with named groups, tried in order; the first that is found anywhere in the text gives the fields. RE2, whose
// time is linear in the text (github.com/google/re2/wiki/Syntax); groups are written (?P<name>...).
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "routing/expression/regex.hpp"
#include "routing/steps/parse/format.hpp"
#include "routing/utf8.hpp"

namespace picket::routing::parse {
namespace {

// Groups with a name in one pattern. RE2 writes every group up to the last that is asked for.
constexpr int kMaxGroups = 64;

std::unique_ptr<re2::RE2> compile_pattern(const std::string& pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(expression::Regex::kMemory);
  return std::make_unique<re2::RE2>(pattern, options);
}

std::vector<std::string> patterns_of(const nlohmann::json& settings) {
  const auto found = settings.find("pattern");
  if (found == settings.end()) return {};
  if (found->is_string()) return {found->get<std::string>()};
  return found->get<std::vector<std::string>>();
}

class Pattern {
 public:
  // Throws std::runtime_error when it does not compile.
  explicit Pattern(const std::string& text) : regex_(compile_pattern(text)) {
    if (!regex_->ok()) throw std::runtime_error(regex_->error());
    for (const auto& [number, name] : regex_->CapturingGroupNames()) groups_.push_back({number, name});
    count_ = groups_.empty() ? 1 : groups_.back().number + 1;
    captured_.resize(static_cast<std::size_t>(count_));
  }

  bool match(std::string_view text) {
    return regex_->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), re2::RE2::UNANCHORED,
                         captured_.data(), count_);
  }

  // REQUIRES: the last match() was true
  std::optional<Failure> add_groups(std::string_view text, Reading& reading) const {
    for (const Group& group : groups_) {
      const re2::StringPiece& piece = captured_[static_cast<std::size_t>(group.number)];
      if (piece.data() == nullptr) continue;  // took no part
      const std::string_view value(piece.data(), piece.size());
      // `\C` and the Latin-1 of bytes may cut a character in two.
      const Value found = is_valid_utf8(value) ? Value::text(value) : Value::bytes(value);
      if (const auto problem = reading.add(group.name, found); !problem.empty()) {
        return Failure{static_cast<std::size_t>(value.data() - text.data()), problem};
      }
    }
    return std::nullopt;
  }

 private:
  struct Group {
    int number;
    std::string name;
  };
  std::unique_ptr<re2::RE2> regex_;
  std::vector<Group> groups_;  // with names, by number
  int count_ = 0;              // of pieces to capture: all groups up to the last with a name
  std::vector<re2::StringPiece> captured_;
};

class RegexFormat final : public Format {
 public:
  explicit RegexFormat(const std::vector<std::string>& patterns) {
    for (const std::string& pattern : patterns) patterns_.emplace_back(pattern);
  }

  std::optional<Failure> read(std::string_view text, Reading& reading) override {
    for (Pattern& pattern : patterns_) {
      if (pattern.match(text)) return pattern.add_groups(text, reading);
    }
    return Failure{0, "no pattern matches"};
  }

 private:
  std::vector<Pattern> patterns_;
};

std::unique_ptr<Format> make_regex(const nlohmann::json& settings, const Zone& /*zone*/) {
  return std::make_unique<RegexFormat>(patterns_of(settings));
}

// Why `pattern` does not do; the message is empty when it does.
StepProblem check_pattern(const std::string& pattern) {
  const auto regex = compile_pattern(pattern);
  if (!regex->ok()) {
    std::string message = regex->error();
    if (pattern.find("(?<") != std::string::npos) message += "; a named group is written (?P<name>...)";
    const std::size_t offset = regex->error_arg().empty() ? std::string::npos : pattern.find(regex->error_arg());
    return {{}, offset == std::string::npos ? 0 : offset, message};
  }
  const auto& groups = regex->CapturingGroupNames();
  if (groups.empty()) return {{}, 0, "has no named group (?P<name>...), so that nothing would come of it"};
  if (groups.rbegin()->first > kMaxGroups) {
    return {{}, 0, "has more than " + std::to_string(kMaxGroups) + " groups up to the last with a name"};
  }
  return {};
}

void check_regex(const nlohmann::json& settings, std::vector<StepProblem>& problems) {
  const std::vector<std::string> patterns = patterns_of(settings);
  if (patterns.empty()) {
    problems.push_back({"/format", 0, "regex needs `pattern`"});
    return;
  }
  const bool is_list = settings.at("pattern").is_array();
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    StepProblem problem = check_pattern(patterns[i]);
    if (problem.message.empty()) continue;
    problem.pointer = is_list ? "/pattern/" + std::to_string(i) : "/pattern";
    problems.push_back(std::move(problem));
  }
}

constexpr std::array<std::string_view, 1> kRegexOptions = {"pattern"};

}  // namespace

const FormatType kRegex = {"regex", kRegexOptions, make_regex, check_regex};

}  // namespace picket::routing::parse

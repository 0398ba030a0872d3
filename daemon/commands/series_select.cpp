// SPDX-License-Identifier: Apache-2.0
#include "commands/series_select.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace picket::commands {
namespace {

std::string plain(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string label_in(const Series& series, const nlohmann::json& attributes, const std::string& key) {
  if (key == "host") return series.host;
  if (key == "source") return series.source;
  if (!attributes.is_object()) return "";
  const auto found = attributes.find(key);
  return found == attributes.end() ? "" : plain(*found);
}

}  // namespace

Result<std::vector<LabelFilter>> parse_labels(const std::vector<std::string>& texts) {
  std::vector<LabelFilter> labels;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    const bool differs = equals != std::string::npos && equals > 0 && text[equals - 1] == '!';
    const std::size_t key = equals - (differs ? 1 : 0);
    if (equals == std::string::npos || key == 0) {
      return Error{"--label " + text + ": expected key=value or key!=value, as in cpu.mode=user or device!=lo*",
                   PICKET_INVALID};
    }
    labels.push_back({text.substr(0, key), text.substr(equals + 1), differs});
  }
  return labels;
}

bool matches_glob(std::string_view text, std::string_view pattern) {
  std::size_t at = 0;
  std::size_t in_pattern = 0;
  // Where to go on when what follows the last star did not fit.
  std::size_t star = std::string_view::npos;
  std::size_t star_at = 0;
  while (at < text.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = ++in_pattern;
      star_at = at;
    } else if (in_pattern < pattern.size() && (pattern[in_pattern] == '?' || pattern[in_pattern] == text[at])) {
      ++in_pattern;
      ++at;
    } else if (star != std::string_view::npos) {
      in_pattern = star;
      at = ++star_at;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
}

std::string label_of(const Series& series, const std::string& key) {
  return label_in(series, nlohmann::json::parse(series.attributes, nullptr, false), key);
}

std::set<std::string> labels_of(const std::vector<Series>& series) {
  std::set<std::string> keys = {"host", "source"};
  for (const Series& one : series) {
    const auto attributes = nlohmann::json::parse(one.attributes, nullptr, false);
    if (!attributes.is_object()) continue;
    for (const auto& [key, value] : attributes.items()) keys.insert(key);
  }
  return keys;
}

bool matches_labels(const Series& series, const std::vector<LabelFilter>& labels) {
  if (labels.empty()) return true;
  const auto attributes = nlohmann::json::parse(series.attributes, nullptr, false);
  std::set<std::string> wanted;
  std::set<std::string> found;
  for (const LabelFilter& label : labels) {
    const bool same = matches_glob(label_in(series, attributes, label.key), label.value);
    if (label.differs) {
      if (same) return false;
      continue;
    }
    wanted.insert(label.key);
    if (same) found.insert(label.key);
  }
  return wanted.size() == found.size();
}

Result<std::vector<Series>> find_series(const Selection& selection, History& history) {
  std::vector<Series> found;
  std::set<std::uint64_t> seen;
  const std::vector<std::string> names = selection.names.empty() ? std::vector<std::string>{""} : selection.names;
  for (const std::string& name : names) {
    // The limit is for what is shown; labels are looked at here, so the store may hand out more.
    auto some = history.series(name, selection.labels.empty() ? selection.limit : SIZE_MAX);
    if (!some) return some.error();
    for (Series& series : *some) {
      if (matches_labels(series, selection.labels) && seen.insert(series.id).second) found.push_back(std::move(series));
    }
  }
  if (found.size() > selection.limit) {
    return Error{std::to_string(found.size()) + " series match, more than " + std::to_string(selection.limit) +
                     ": name them more closely, or raise --limit",
                 PICKET_LIMIT};
  }
  return found;
}

std::string readable_attributes(const std::string& attributes) {
  const auto object = nlohmann::json::parse(attributes, nullptr, false);
  if (!object.is_object()) return attributes;
  std::string text;
  for (const auto& [key, value] : object.items()) {
    text += text.empty() ? "" : " ";
    text += key + "=" + plain(value);
  }
  return text;
}

}  // namespace picket::commands

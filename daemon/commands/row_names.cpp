// SPDX-License-Identifier: Apache-2.0
#include "commands/row_names.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "commands/series_select.hpp"

namespace picket::commands {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;  // key and value, in the order to show

Pairs pairs_of(const Row& row, bool with_source, bool with_host) {
  Pairs pairs = {{"", row.series.name}};
  if (with_source) pairs.emplace_back("source", row.series.source);
  if (with_host) pairs.emplace_back("host", row.series.host);
  const auto attributes = nlohmann::json::parse(row.series.attributes, nullptr, false);
  if (!attributes.is_object()) return pairs;
  for (const auto& item : attributes.items()) pairs.emplace_back(item.key(), label_of(row.series, item.key()));
  return pairs;
}

std::string text_of(const Pairs& pairs) {
  std::string text;
  for (const auto& [key, value] : pairs) {
    text += text.empty() ? "" : " ";
    text += key.empty() ? value : key + "=" + value;
  }
  return text;
}

// How much of the names, in whole words up to a point, is the same; 0 if that is less than two words: every name begins
// with a word like `system`.
std::size_t common_start(const std::vector<Pairs>& all) {
  const std::string& first = all.front().front().second;
  std::size_t length = first.size();
  for (const Pairs& pairs : all) {
    const std::string& name = pairs.front().second;
    const auto [end, ignored] =
        std::mismatch(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(length), name.begin(), name.end());
    length = static_cast<std::size_t>(end - first.begin());
  }
  const std::size_t point = first.rfind('.', length == 0 ? 0 : length - 1);
  if (length == 0 || point == std::string::npos || first.find('.') == point) return 0;
  return point + 1;
}

// The one key by which all differ, if it is one.
std::string only_key(const std::vector<Pairs>& differences) {
  const bool one = std::all_of(differences.begin(), differences.end(), [&](const Pairs& pairs) {
    return pairs.size() == 1 && pairs.front().first == differences.front().front().first;
  });
  return one ? differences.front().front().first : "";
}

template <typename Get>
bool differ(const std::vector<const Row*>& rows, Get get) {
  return std::any_of(rows.begin(), rows.end(), [&](const Row* row) { return get(*row) != get(*rows.front()); });
}

}  // namespace

RowNames::RowNames(const std::vector<const Row*>& rows) {
  if (rows.empty()) return;
  host = differ(rows, [](const Row& row) { return row.series.host; });
  source = differ(rows, [](const Row& row) { return row.series.source; });
  std::vector<Pairs> all;
  all.reserve(rows.size());
  for (const Row* row : rows) all.push_back(pairs_of(*row, source, host));
  if (all.size() == 1) {
    labels.push_back(text_of(all.front()));
    return;
  }
  Pairs shared;
  for (const auto& pair : all.front()) {
    const bool everywhere = std::all_of(all.begin(), all.end(), [&](const Pairs& pairs) {
      return std::find(pairs.begin(), pairs.end(), pair) != pairs.end();
    });
    if (everywhere) shared.push_back(pair);
  }
  common = text_of(shared);
  const std::size_t start = shared.empty() || !shared.front().first.empty() ? common_start(all) : 0;
  if (start != 0) common = all.front().front().second.substr(0, start) + "*" + (common.empty() ? "" : " ") + common;
  for (Pairs& pairs : all) {
    if (start != 0) pairs.front().second.erase(0, start);
    std::erase_if(pairs,
                  [&](const auto& pair) { return std::find(shared.begin(), shared.end(), pair) != shared.end(); });
  }
  const std::string key = all.front().empty() ? "" : only_key(all);
  if (!key.empty()) common += (common.empty() ? "by " : " by ") + key;
  for (const Pairs& pairs : all) {
    labels.push_back(pairs.empty() ? "(no labels)" : (key.empty() ? text_of(pairs) : pairs.front().second));
  }
}

std::vector<const Row*> pointers_to(const std::vector<Row>& rows) {
  std::vector<const Row*> pointers;
  pointers.reserve(rows.size());
  for (const Row& row : rows) pointers.push_back(&row);
  return pointers;
}

}  // namespace picket::commands

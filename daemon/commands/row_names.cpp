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
  for (Pairs& pairs : all) {
    std::erase_if(pairs, [&](const auto& pair) { return std::find(shared.begin(), shared.end(), pair) != shared.end(); });
    labels.push_back(pairs.empty() ? "(no labels)" : text_of(pairs));
  }
}

std::vector<const Row*> pointers_to(const std::vector<Row>& rows) {
  std::vector<const Row*> pointers;
  for (const Row& row : rows) pointers.push_back(&row);
  return pointers;
}

}  // namespace picket::commands

// SPDX-License-Identifier: Apache-2.0
#include "commands/statistics.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace picket::commands {
namespace {

struct StatWord {
  std::string_view word;
  StatKind kind;
};

constexpr std::array<StatWord, 6> kStatWords = {{{"last", StatKind::last},
                                                 {"min", StatKind::minimum},
                                                 {"mean", StatKind::mean},
                                                 {"max", StatKind::maximum},
                                                 {"count", StatKind::count},
                                                 {"sum", StatKind::sum}}};

// "p95", "p99.9".
std::optional<double> read_percentile(std::string_view word) {
  if (word.size() < 2 || word.front() != 'p' || std::isdigit(static_cast<unsigned char>(word[1])) == 0) return {};
  double value = 0;
  const auto [end, code] = std::from_chars(word.data() + 1, word.data() + word.size(), value, std::chars_format::fixed);
  if (code != std::errc() || end != word.data() + word.size() || value > 100) return {};
  return value;
}

}  // namespace

std::string Stat::title() const {
  std::string text = name;
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

Result<Stat> parse_stat(std::string_view word) {
  for (const StatWord& known : kStatWords) {
    if (known.word == word) return Stat{known.kind, 0, std::string(word)};
  }
  if (const auto percent = read_percentile(word)) return Stat{StatKind::percentile, *percent, std::string(word)};
  return Error{"`" + std::string(word) +
                   "` is no statistic: there are last, min, mean, max, count, sum and percentiles from p0 to p100",
               PICKET_INVALID};
}

Result<std::vector<Stat>> parse_stats(std::string_view text) {
  std::vector<Stat> stats;
  while (true) {
    const std::size_t comma = text.find(',');
    auto stat = parse_stat(text.substr(0, comma));
    if (!stat) return stat.error();
    const bool known =
        std::any_of(stats.begin(), stats.end(), [&](const Stat& each) { return each.name == stat->name; });
    if (!known) stats.push_back(std::move(*stat));
    if (comma == std::string_view::npos) return stats;
    text.remove_prefix(comma + 1);
  }
}

bool any_percentile(const std::vector<Stat>& stats) {
  return std::any_of(stats.begin(), stats.end(), [](const Stat& stat) { return stat.kind == StatKind::percentile; });
}

std::string unit_of_stat(const Stat& stat, const std::string& unit, bool rate) {
  if (stat.kind == StatKind::count) return "";
  const bool amount = stat.kind == StatKind::sum && rate && unit.ends_with("/s");
  return amount ? unit.substr(0, unit.size() - 2) : unit;
}

void WeightedValues::add(double value, double weight) {
  if (std::isnan(value) || !(weight > 0)) return;
  values_.push_back({value, weight});
  weight_ += weight;
  sorted_ = false;
}

void WeightedValues::clear() {
  values_.clear();
  weight_ = 0;
}

double WeightedValues::percentile(double percent) {
  if (values_.empty()) return std::numeric_limits<double>::quiet_NaN();
  if (!sorted_) {
    std::sort(values_.begin(), values_.end(), [](const Item& a, const Item& b) { return a.value < b.value; });
    sorted_ = true;
  }
  // A little less, so that the rounding of sums does not step over the very value that is asked for.
  const double wanted = weight_ * percent / 100 * (1 - 1e-12);
  double seen = 0;
  for (const Item& item : values_) {
    seen += item.weight;
    if (seen >= wanted) return item.value;
  }
  return values_.back().value;
}

}  // namespace picket::commands

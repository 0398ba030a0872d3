// SPDX-License-Identifier: Apache-2.0
//
// A query's answer as tables for people.
#include <algorithm>
#include <cmath>
#include <map>

#include "commands/human_units.hpp"
#include "commands/query.hpp"
#include "commands/row_names.hpp"
#include "commands/series_select.hpp"
#include "commands/table.hpp"
#include "commands/time_text.hpp"
#include "platform/clock.hpp"
#include "service/printable.hpp"

namespace picket::commands {
namespace {

constexpr std::size_t kMostBeside = 5;  // beside each other in a pipe; a terminal takes what fits

std::string capitals(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

std::string shown_stat(double value, const Stat& stat, const Row& row, bool raw) {
  if (std::isnan(value)) return "-";
  if (raw || stat.kind == StatKind::count) return exact_number(value);
  return human_value(value, unit_of_stat(stat, row.unit, row.rate));
}

// The statistics to show: those asked for; else all, but one where each needs three columns or stands for itself.
std::vector<std::size_t> shown_stats(const Answer& answer, const std::vector<std::string>& otherwise) {
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < answer.stats.size(); ++i) {
    const auto& name = answer.stats[i].name;
    if (answer.stats_given || std::find(otherwise.begin(), otherwise.end(), name) != otherwise.end()) {
      shown.push_back(i);
    }
  }
  return shown;
}

// The columns of the statistics; with a comparison three for each.
class StatColumns {
 public:
  StatColumns(const Answer& answer, std::vector<std::size_t> stats, bool raw)
      : answer_(answer), stats_(std::move(stats)), raw_(raw) {}

  std::size_t count() const { return stats_.size() * (answer_.comparison ? 3 : 1); }

  // `name`: instead of the statistic's, where nobody asked for one.
  void add_titles(std::vector<Table::Column>& columns, const std::string& name = "") const {
    for (const std::size_t stat : stats_) {
      std::string title = answer_.stats[stat].title();
      if (!name.empty()) title = answer_.stats_given ? name + " " + title : name;
      columns.push_back({title, Align::right});
      if (!answer_.comparison) continue;
      columns.push_back({capitals(answer_.comparison->name()), Align::right});
      columns.push_back({"CHANGE", Align::right});
    }
  }

  template <typename Now, typename Then>
  void add_cells(std::vector<std::string>& cells, const Row& row, Now now, Then then) const {
    for (const std::size_t stat : stats_) {
      const double value = now(stat);
      cells.push_back(shown_stat(value, answer_.stats[stat], row, raw_));
      if (!answer_.comparison) continue;
      const double before = then(stat);
      cells.push_back(shown_stat(before, answer_.stats[stat], row, raw_));
      cells.push_back(change_text(relative_change(value, before)));
    }
  }

  void add_cells(std::vector<std::string>& cells, const Row& row, const RowMoment& moment) const {
    add_cells(
        cells, row, [&](std::size_t stat) { return value_at(row.now, moment.now, answer_.stats, stat); },
        [&](std::size_t stat) {
          return row.then ? value_at(*row.then, moment.then, answer_.stats, stat) : std::nan("");
        });
  }

 private:
  const Answer& answer_;
  const std::vector<std::size_t> stats_;
  const bool raw_;
};

void print_notes(const Answer& answer, std::ostream& out) {
  if (!any_percentile(answer.stats)) return;
  std::map<std::string, std::size_t> bases;
  for (const Row& row : answer.rows) ++bases[percentile_basis(answer, row.now)];
  out << "\nPercentiles are of ";
  const char* separator = "";
  for (const auto& [basis, rows] : bases) {
    out << separator << basis;
    if (bases.size() > 1) out << " (" << rows << " series)";
    separator = ", of ";
  }
  out << ".\n";
}

TimeText time_text_for(const Answer& answer) {
  TimeText time(answer.range, answer.grid, *answer.zone);
  for (const Row& row : answer.rows) {
    for (const Value& value : row.now.values) {
      if (value.time_ns % platform::kSecond == 0) continue;
      time.show_milliseconds();
      return time;
    }
  }
  return time;
}

std::string time_title(const TimeText& time) {
  return "TIME " + (time.zone_name() == "local" ? std::string("(local)") : time.zone_name());
}

Table beside(const Answer& answer, const RowNames& names, bool raw) {
  const TimeText time = time_text_for(answer);
  const StatColumns stats(answer, shown_stats(answer, {"mean"}), raw);
  std::vector<Table::Column> columns = {{time_title(time)}};
  std::map<std::int64_t, std::vector<std::string>> lines;
  for (std::size_t i = 0; i < answer.rows.size(); ++i) {
    stats.add_titles(columns, names.labels[i]);
    for (const RowMoment& moment : moments_of(answer.rows[i], answer.grid, !raw)) {
      auto& cells = lines[moment.time_ns];
      cells.resize(i * stats.count(), "-");
      stats.add_cells(cells, answer.rows[i], moment);
    }
  }
  Table table(columns);
  for (auto& [moment, cells] : lines) {
    cells.resize(columns.size() - 1, "-");
    cells.insert(cells.begin(), time(moment));
    table.add(cells);
  }
  return table;
}

Table below(const Answer& answer, const RowNames& names, bool raw) {
  const TimeText time = time_text_for(answer);
  const bool compared = answer.comparison.has_value();
  const StatColumns stats(
      answer,
      shown_stats(answer, compared ? std::vector<std::string>{"mean"} : std::vector<std::string>{"min", "mean", "max"}),
      raw);
  std::vector<Table::Column> columns = {{"SERIES"}, {time_title(time)}};
  stats.add_titles(columns);
  Table table(columns);
  for (std::size_t i = 0; i < answer.rows.size(); ++i) {
    for (const RowMoment& moment : moments_of(answer.rows[i], answer.grid, !raw)) {
      std::vector<std::string> cells = {names.labels[i], time(moment.time_ns)};
      stats.add_cells(cells, answer.rows[i], moment);
      table.add(cells);
    }
  }
  return table;
}

StatColumns summary_stats(const Answer& answer, bool raw) {
  return StatColumns(
      answer,
      answer.comparison ? shown_stats(answer, {"mean"}) : shown_stats(answer, {"last", "min", "mean", "max", "count"}),
      raw);
}

void add_summary_cells(std::vector<std::string>& cells, const StatColumns& stats, const Row& row) {
  stats.add_cells(
      cells, row, [&](std::size_t stat) { return value_of(row.now, stat); },
      [&](std::size_t stat) { return row.then ? value_of(*row.then, stat) : std::nan(""); });
}

Table flat_summary(const Answer& answer, bool raw) {
  const RowNames names(pointers_to(answer.rows));
  const auto has_attributes = [](const Row& row) { return !readable_attributes(row.series.attributes).empty(); };
  const bool attributes = std::any_of(answer.rows.begin(), answer.rows.end(), has_attributes);
  const StatColumns stats = summary_stats(answer, raw);
  std::vector<Table::Column> columns = {{"NAME"}};
  if (attributes) columns.push_back({"ATTRIBUTES"});
  if (names.source) columns.push_back({"SOURCE"});
  if (names.host) columns.push_back({"HOST"});
  if (answer.totals) columns.push_back({"SERIES", Align::right});
  if (raw) columns.push_back({"UNIT"});
  stats.add_titles(columns);
  Table table(columns);
  for (const Row& row : answer.rows) {
    std::vector<std::string> cells = {row.series.name};
    if (attributes) cells.push_back(readable_attributes(row.series.attributes));
    if (names.source) cells.push_back(row.series.source);
    if (names.host) cells.push_back(row.series.host);
    if (answer.totals) cells.push_back(std::to_string(row.members));
    if (raw) cells.push_back(row.unit);
    add_summary_cells(cells, stats, row);
    table.add(cells);
  }
  return table;
}

std::size_t end_of_name(const std::vector<Row>& rows, std::size_t first) {
  std::size_t end = first + 1;
  while (end < rows.size() && rows[end].series.name == rows[first].series.name) ++end;
  return end;
}

// The name without its last word, if two or more are left: "system.memory" of "system.memory.limit".
std::string_view parent_of(std::string_view name) {
  const std::size_t last = name.rfind('.');
  return last == std::string_view::npos || name.find('.') == last ? std::string_view() : name.substr(0, last);
}

// Rows of one name; or rows that are alone with theirs, of one parent.
std::size_t end_of_group(const std::vector<Row>& rows, std::size_t first) {
  std::size_t end = end_of_name(rows, first);
  const std::string_view parent = parent_of(rows[first].series.name);
  if (end != first + 1 || parent.empty()) return end;
  while (end < rows.size() && end_of_name(rows, end) == end + 1 && parent_of(rows[end].series.name) == parent) ++end;
  return end;
}

// The same for a terminal that is too narrow: what neighbours have in common stands once above them.
Table grouped_summary(const Answer& answer, bool raw) {
  const StatColumns stats = summary_stats(answer, raw);
  std::vector<Table::Column> columns = {{"SERIES"}};
  if (raw) columns.push_back({"UNIT"});
  stats.add_titles(columns);
  Table table(columns);
  const auto& rows = answer.rows;
  for (std::size_t first = 0; first < rows.size();) {
    const std::size_t end = end_of_group(rows, first);
    std::vector<const Row*> group;
    for (std::size_t i = first; i < end; ++i) group.push_back(&rows[i]);
    const RowNames names(group);
    if (group.size() > 1) table.add_heading(names.common);
    for (std::size_t i = 0; i < group.size(); ++i) {
      std::vector<std::string> cells = {(group.size() > 1 ? "  " : "") + names.labels[i]};
      if (raw) cells.push_back(group[i]->unit);
      add_summary_cells(cells, stats, *group[i]);
      table.add(cells);
    }
    first = end;
  }
  return table;
}

}  // namespace

void print_summary_table(const Answer& answer, bool raw, const platform::Terminal& terminal, std::ostream& out) {
  const Table whole = flat_summary(answer, raw);
  const bool fits = terminal.columns <= 0 || whole.width() <= static_cast<std::size_t>(terminal.columns);
  (fits ? whole : grouped_summary(answer, raw)).print(out, terminal);
  print_notes(answer, out);
}

void print_points_table(const Answer& answer, bool raw, const platform::Terminal& terminal, std::ostream& out) {
  const RowNames names(pointers_to(answer.rows));
  if (!names.common.empty()) out << service::printable(names.common) << '\n';
  const Table wide = beside(answer, names, raw);
  const bool fits = terminal.columns > 0 ? wide.width() <= static_cast<std::size_t>(terminal.columns)
                                         : answer.rows.size() <= kMostBeside;
  (fits || answer.rows.size() == 1 ? wide : below(answer, names, raw)).print(out, terminal);
  print_notes(answer, out);
}

}  // namespace picket::commands

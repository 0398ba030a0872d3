// SPDX-License-Identifier: Apache-2.0
//
// A query's answer for programs. Times are UTC after RFC 3339 with milliseconds; numbers are exact; a gap is one value
// that is empty (CSV) or null (JSON), so that a line drawn through them breaks there.
#include <cmath>
#include <nlohmann/json.hpp>

#include "commands/human_units.hpp"
#include "commands/query.hpp"
#include "commands/table.hpp"
#include "platform/utc_time.hpp"

namespace picket::commands {
namespace {

using ExportJson = nlohmann::ordered_json;

// JSON has no number for what is none.
ExportJson json_number(double value) {
  return std::isfinite(value) ? ExportJson(value) : ExportJson(nullptr);
}

ExportJson json_stat(double value, const Stat& stat) {
  if (stat.kind == StatKind::count && std::isfinite(value)) return static_cast<std::uint64_t>(value);
  return json_number(value);
}

std::string time_text(std::int64_t time_ns) {
  return platform::format_utc(time_ns, 3);
}

ExportJson json_points(const Answer& answer, const Row& row, bool then, bool gaps) {
  ExportJson list = ExportJson::array();
  const Part& part = then ? *row.then : row.now;
  for (const RowMoment& moment : moments_of(row, answer.grid, gaps)) {
    const auto& index = then ? moment.then : moment.now;
    const bool gap = !moment.now && !moment.then;
    if (!index && (then || !gap)) continue;
    ExportJson point = {{"time", time_text(moment.time_ns)}};
    for (std::size_t stat = 0; stat < answer.stats.size(); ++stat) {
      point[answer.stats[stat].name] = json_stat(value_at(part, index, answer.stats, stat), answer.stats[stat]);
    }
    list.push_back(std::move(point));
  }
  return list;
}

void add_part(ExportJson& item, const Answer& answer, const Part& part) {
  for (std::size_t stat = 0; stat < answer.stats.size(); ++stat) {
    item[answer.stats[stat].name] = json_stat(value_of(part, stat), answer.stats[stat]);
  }
}

ExportJson json_row(const Answer& answer, const Row& row, bool points, bool raw) {
  auto attributes = ExportJson::parse(row.series.attributes, nullptr, false);
  ExportJson item = {{"name", row.series.name},
                     {"attributes", attributes.is_object() ? attributes : ExportJson::object()},
                     {"source", row.series.source},
                     {"host", row.series.host},
                     {"unit", row.unit}};
  if (answer.totals) item["series"] = row.members;
  add_part(item, answer, row.now);
  if (any_percentile(answer.stats)) item["percentiles_of"] = percentile_basis(answer, row.now);
  if (points) item["points"] = json_points(answer, row, false, !raw);
  if (!row.then) return item;
  ExportJson& then = item["then"] = ExportJson::object();
  add_part(then, answer, *row.then);
  if (points) then["points"] = json_points(answer, row, true, !raw);
  ExportJson& change = item["change"] = ExportJson::object();
  for (std::size_t stat = 0; stat < answer.stats.size(); ++stat) {
    change[answer.stats[stat].name] = json_number(relative_change(value_of(row.now, stat), value_of(*row.then, stat)));
  }
  return item;
}

std::string csv_number(double value, const Stat& stat) {
  if (std::isnan(value)) return "";
  if (stat.kind == StatKind::count) return std::to_string(static_cast<std::uint64_t>(value));
  return exact_number(value);
}

std::vector<std::string> csv_titles(const Answer& answer, bool points) {
  std::vector<std::string> titles;
  if (points) titles.emplace_back("time");
  titles.insert(titles.end(), {"name", "attributes", "source", "host", "unit"});
  if (answer.totals) titles.emplace_back("series");
  for (const Stat& stat : answer.stats) {
    titles.push_back(stat.name);
    if (answer.comparison) titles.insert(titles.end(), {stat.name + "_then", stat.name + "_change"});
  }
  if (any_percentile(answer.stats)) titles.emplace_back("percentiles_of");
  if (!points) titles.insert(titles.end(), {"first_time", "last_time"});
  return titles;
}

template <typename Now, typename Then>
std::vector<std::string> csv_cells(const Answer& answer, const Row& row, Now now, Then then) {
  std::vector<std::string> cells = {row.series.name, row.series.attributes, row.series.source, row.series.host,
                                    row.unit};
  if (answer.totals) cells.push_back(std::to_string(row.members));
  for (std::size_t stat = 0; stat < answer.stats.size(); ++stat) {
    const double value = now(stat);
    cells.push_back(csv_number(value, answer.stats[stat]));
    if (!answer.comparison) continue;
    const double before = then(stat);
    cells.push_back(csv_number(before, answer.stats[stat]));
    const double change = relative_change(value, before);
    cells.push_back(std::isnan(change) ? "" : exact_number(change));
  }
  if (any_percentile(answer.stats)) cells.push_back(percentile_basis(answer, row.now));
  return cells;
}

void print_csv_points(const Answer& answer, const Row& row, bool raw, std::ostream& out) {
  for (const RowMoment& moment : moments_of(row, answer.grid, !raw)) {
    auto cells = csv_cells(
        answer, row, [&](std::size_t stat) { return value_at(row.now, moment.now, answer.stats, stat); },
        [&](std::size_t stat) {
          return row.then ? value_at(*row.then, moment.then, answer.stats, stat) : std::nan("");
        });
    cells.insert(cells.begin(), time_text(moment.time_ns));
    out << csv_line(cells);
  }
}

void print_csv_summary(const Answer& answer, const Row& row, std::ostream& out) {
  auto cells = csv_cells(
      answer, row, [&](std::size_t stat) { return value_of(row.now, stat); },
      [&](std::size_t stat) { return row.then ? value_of(*row.then, stat) : std::nan(""); });
  const Summary& summary = row.now.summary;
  cells.push_back(summary.empty() ? "" : time_text(summary.first_time_ns()));
  cells.push_back(summary.empty() ? "" : time_text(summary.last_time_ns()));
  out << csv_line(cells);
}

}  // namespace

void print_csv(const Answer& answer, bool points, bool raw, std::ostream& out) {
  out << csv_line(csv_titles(answer, points));
  for (const Row& row : answer.rows) {
    if (points) {
      print_csv_points(answer, row, raw, out);
    } else {
      print_csv_summary(answer, row, out);
    }
  }
}

void print_json(const Answer& answer, bool points, bool raw, std::ostream& out) {
  ExportJson whole = {{"from", time_text(answer.range.from_ns)},
                      {"to", time_text(answer.range.to_ns)},
                      {"step_ns", answer.grid.step_ns()}};
  if (answer.comparison) {
    const TimeRange then = answer.comparison->earlier(answer.range);
    whole["compared_with"] = {
        {"name", answer.comparison->name()}, {"from", time_text(then.from_ns)}, {"to", time_text(then.to_ns)}};
  }
  ExportJson& series = whole["series"] = ExportJson::array();
  for (const Row& row : answer.rows) series.push_back(json_row(answer, row, points, raw));
  // What a peer chose as an attribute may be no UTF-8.
  out << whole.dump(2, ' ', false, ExportJson::error_handler_t::replace) << '\n';
}

}  // namespace picket::commands

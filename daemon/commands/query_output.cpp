// SPDX-License-Identifier: Apache-2.0
//
// How a query's answer looks.
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "commands/human_units.hpp"
#include "commands/query.hpp"
#include "commands/table.hpp"
#include "platform/utc_time.hpp"

namespace picket::commands {
namespace {

constexpr std::size_t kMostColumns = 5;  // series beside each other; more are listed below each other

// {"cpu":0,"cpu.mode":"user"} as people read it: cpu=0 cpu.mode=user
std::string readable(const std::string& attributes) {
  const auto object = nlohmann::json::parse(attributes, nullptr, false);
  if (!object.is_object()) return attributes;
  std::string text;
  for (const auto& [key, value] : object.items()) {
    text += text.empty() ? "" : " ";
    text += key + "=" + (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text;
}

// Which of host and source tell the rows apart at all.
struct Shown {
  bool host = false;
  bool source = false;

  explicit Shown(const std::vector<QueryRow>& rows) {
    std::set<std::string> hosts;
    std::set<std::string> sources;
    for (const QueryRow& row : rows) {
      hosts.insert(row.series.host);
      sources.insert(row.series.source);
    }
    host = hosts.size() > 1;
    source = sources.size() > 1;
  }
};

std::string shown_value(double value, const QueryRow& row, bool raw) {
  return raw ? exact_number(value) : human_value(value, row.unit);
}

// One name for a series where there is room for one only.
std::string label(const QueryRow& row, const Shown& shown) {
  std::string text = row.series.name;
  if (shown.source) text += " source=" + row.series.source;
  if (shown.host) text += " host=" + row.series.host;
  const std::string attributes = readable(row.series.attributes);
  return attributes.empty() ? text : text + " " + attributes;
}

void print_beside(const std::vector<QueryRow>& rows, bool raw, const platform::Terminal& terminal, std::ostream& out) {
  const Shown shown(rows);
  std::vector<Table::Column> columns = {{"TIME"}};
  std::map<std::int64_t, std::vector<std::string>> lines;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    columns.push_back({label(rows[i], shown), Align::right});
    for (const Value& value : rows[i].values) {
      auto& cells = lines[value.time_ns];
      cells.resize(rows.size(), "-");
      cells[i] = shown_value(value.mean, rows[i], raw);
    }
  }
  Table table(columns);
  for (auto& [time, cells] : lines) {
    cells.insert(cells.begin(), platform::format_utc(time, 0));
    table.add(cells);
  }
  table.print(out, terminal);
}

void print_below(const std::vector<QueryRow>& rows, bool raw, const platform::Terminal& terminal, std::ostream& out) {
  const Shown shown(rows);
  Table table({{"SERIES"}, {"TIME"}, {"MIN", Align::right}, {"MEAN", Align::right}, {"MAX", Align::right}});
  for (const QueryRow& row : rows) {
    for (const Value& value : row.values) {
      table.add({label(row, shown), platform::format_utc(value.time_ns, 0), shown_value(value.minimum, row, raw),
                 shown_value(value.mean, row, raw), shown_value(value.maximum, row, raw)});
    }
  }
  table.print(out, terminal);
}

// JSON has no number for what is none.
nlohmann::ordered_json json_number(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

}  // namespace

void print_summary_table(const std::vector<QueryRow>& rows, bool raw, const platform::Terminal& terminal,
                         std::ostream& out) {
  const Shown shown(rows);
  std::vector<Table::Column> columns = {{"NAME"}, {"ATTRIBUTES"}};
  if (shown.source) columns.push_back({"SOURCE"});
  if (shown.host) columns.push_back({"HOST"});
  if (raw) columns.push_back({"UNIT"});
  for (const char* title : {"LAST", "MIN", "MEAN", "MAX", "COUNT"}) columns.push_back({title, Align::right});
  Table table(columns);
  for (const QueryRow& row : rows) {
    std::vector<std::string> cells = {row.series.name, readable(row.series.attributes)};
    if (shown.source) cells.push_back(row.series.source);
    if (shown.host) cells.push_back(row.series.host);
    if (raw) cells.push_back(row.unit);
    for (const double value : {row.summary.last(), row.summary.minimum(), row.summary.mean(), row.summary.maximum()}) {
      cells.push_back(shown_value(value, row, raw));
    }
    cells.push_back(std::to_string(row.summary.count()));
    table.add(cells);
  }
  table.print(out, terminal);
}

void print_points_table(const std::vector<QueryRow>& rows, bool raw, const platform::Terminal& terminal,
                        std::ostream& out) {
  (rows.size() <= kMostColumns ? print_beside : print_below)(rows, raw, terminal, out);
}

void print_csv(const std::vector<QueryRow>& rows, bool points, std::ostream& out) {
  std::vector<std::string> titles = {"name", "attributes", "source", "host", "unit",
                                     "last", "min",        "mean",   "max",  "count"};
  if (points) {
    titles.insert(titles.begin(), "time");
  } else {
    titles.insert(titles.end(), {"first_time", "last_time"});
  }
  out << csv_line(titles);
  for (const QueryRow& row : rows) {
    const std::vector<std::string> who = {row.series.name, row.series.attributes, row.series.source, row.series.host,
                                          row.unit};
    const auto line = [&](double last, double minimum, double mean, double maximum, std::uint64_t count) {
      std::vector<std::string> cells = who;
      for (const double value : {last, minimum, mean, maximum}) cells.push_back(exact_number(value));
      cells.push_back(std::to_string(count));
      return cells;
    };
    if (points) {
      for (const Value& value : row.values) {
        std::vector<std::string> cells = line(value.last, value.minimum, value.mean, value.maximum, value.count);
        cells.insert(cells.begin(), platform::format_utc(value.time_ns, 3));
        out << csv_line(cells);
      }
    } else {
      std::vector<std::string> cells = line(row.summary.last(), row.summary.minimum(), row.summary.mean(),
                                            row.summary.maximum(), row.summary.count());
      cells.push_back(platform::format_utc(row.summary.first_time_ns(), 3));
      cells.push_back(platform::format_utc(row.summary.last_time_ns(), 3));
      out << csv_line(cells);
    }
  }
}

void print_json(const std::vector<QueryRow>& rows, const TimeRange& range, std::int64_t step_ns, bool points,
                std::ostream& out) {
  nlohmann::ordered_json answer = {{"from", platform::format_utc(range.from_ns, 3)},
                                   {"to", platform::format_utc(range.to_ns, 3)},
                                   {"step_ns", step_ns},
                                   {"series", nlohmann::ordered_json::array()}};
  for (const QueryRow& row : rows) {
    auto attributes = nlohmann::ordered_json::parse(row.series.attributes, nullptr, false);
    nlohmann::ordered_json item = {
        {"name", row.series.name},
        {"attributes", attributes.is_object() ? attributes : nlohmann::ordered_json::object()},
        {"source", row.series.source},
        {"host", row.series.host},
        {"unit", row.unit},
        {"last", json_number(row.summary.last())},
        {"min", json_number(row.summary.minimum())},
        {"mean", json_number(row.summary.mean())},
        {"max", json_number(row.summary.maximum())},
        {"count", row.summary.count()}};
    if (points) {
      auto& list = item["points"] = nlohmann::ordered_json::array();
      for (const Value& value : row.values) {
        list.push_back({{"time", platform::format_utc(value.time_ns, 3)},
                        {"last", json_number(value.last)},
                        {"min", json_number(value.minimum)},
                        {"mean", json_number(value.mean)},
                        {"max", json_number(value.maximum)},
                        {"count", value.count}});
      }
    }
    answer["series"].push_back(std::move(item));
  }
  // What a peer chose as an attribute may be no UTF-8.
  out << answer.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

}  // namespace picket::commands

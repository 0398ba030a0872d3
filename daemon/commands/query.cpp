// SPDX-License-Identifier: Apache-2.0
#include "commands/query.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <utility>

#include "commands/exit_codes.hpp"
#include "config/units.hpp"
#include "picket/host.h"
#include "platform/clock.hpp"

namespace picket::commands {
namespace {

using platform::kHour;
using platform::kSecond;

constexpr std::int64_t kPointsOnAScreen = 60;

struct Label {
  std::string key, value;
};

Result<std::vector<Label>> parse_labels(const std::vector<std::string>& texts) {
  std::vector<Label> labels;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return Error{"--label " + text + ": expected key=value, as in cpu.mode=user", PICKET_INVALID};
    }
    labels.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  return labels;
}

// Without --step: every sample of a short time, and for a long one the coarsest tier that still shows its shape.
Result<std::int64_t> choose_step(const QueryOptions& options, const TimeRange& range) {
  if (options.step) {
    auto step = config::parse_duration(*options.step);
    if (!step) return Error{"--step: " + step.error().message, PICKET_INVALID};
    return step;
  }
  if (options.points) return round_step(range, kPointsOnAScreen);
  if (range.length_ns() <= kHour) return 0;
  return range.length_ns() <= 7 * 24 * kHour ? 60 * kSecond : kHour;
}

bool matches(const Series& series, const std::vector<Label>& labels) {
  if (labels.empty()) return true;
  const auto attributes = nlohmann::json::parse(series.attributes, nullptr, false);
  for (const Label& label : labels) {
    if (label.key == "host" || label.key == "source") {
      if ((label.key == "host" ? series.host : series.source) != label.value) return false;
      continue;
    }
    if (!attributes.is_object() || !attributes.contains(label.key)) return false;
    const auto& value = attributes[label.key];
    if ((value.is_string() ? value.get<std::string>() : value.dump()) != label.value) return false;
  }
  return true;
}

// The series that any of the names matches, each once, in the history's order.
Result<std::vector<Series>> find_series(const QueryOptions& options, const std::vector<Label>& labels,
                                        History& history) {
  std::vector<Series> found;
  std::set<std::uint64_t> seen;
  const std::vector<std::string> names = options.names.empty() ? std::vector<std::string>{""} : options.names;
  for (const std::string& name : names) {
    // The limit is for what is shown; labels are looked at here, so the store may hand out more.
    auto some = history.series(name, labels.empty() ? options.limit : SIZE_MAX);
    if (!some) return some.error();
    for (Series& series : *some) {
      if (matches(series, labels) && seen.insert(series.id).second) found.push_back(std::move(series));
    }
  }
  if (found.size() > options.limit) {
    return Error{std::to_string(found.size()) + " series match, more than " + std::to_string(options.limit) +
                     ": name them more closely, or raise --limit",
                 PICKET_LIMIT};
  }
  return found;
}

Result<QueryRow> read_row(Series series, const QueryOptions& options, const TimeRange& range, std::int64_t step_ns,
                          std::size_t& values, History& history) {
  QueryRow row;
  row.rate = !options.raw && series.instrument == PICKET_INSTRUMENT_COUNTER;
  row.unit = shown_unit(series.unit, row.rate);
  Summary summary(row.rate);
  ValueMaker maker(row.rate);
  bool too_many = false;
  const auto read = history.points(series.id, range.from_ns, range.to_ns, step_ns, [&](const auto& point) {
    const auto value = maker.add(point);
    if (!value) return;
    summary.add(*value);
    if (!options.points) return;
    too_many = too_many || ++values > kMaxQueryValues;
    if (!too_many) row.values.push_back(*value);
  });
  if (!read) return Error{series.name + ": " + read.error().message, read.error().status};
  if (too_many) {
    return Error{"more than " + std::to_string(kMaxQueryValues) + " values: ask for a larger --step or fewer series",
                 PICKET_LIMIT};
  }
  row.series = std::move(series);
  row.summary = summary;
  return row;
}

int complain(const Error& error, std::ostream& err) {
  err << "picket query: " << error.message << '\n';
  switch (error.status) {
    case PICKET_INVALID:
    case PICKET_LIMIT:
      return kExitUsage;
    case PICKET_DENIED:
      return kExitPermission;
    default:
      return kExitUnavailable;
  }
}

}  // namespace

int query(const QueryOptions& options, History& history, std::int64_t now_ns, const platform::Terminal& terminal,
          std::ostream& out, std::ostream& err) {
  const auto labels = parse_labels(options.labels);
  if (!labels) return complain(labels.error(), err);
  const auto range = resolve_range(options.range, now_ns);
  if (!range) return complain(range.error(), err);
  const auto step = choose_step(options, *range);
  if (!step) return complain(step.error(), err);
  auto found = find_series(options, *labels, history);
  if (!found) return complain(found.error(), err);

  std::vector<QueryRow> rows;
  std::size_t values = 0;
  for (Series& series : *found) {
    auto row = read_row(std::move(series), options, *range, *step, values, history);
    if (!row) return complain(row.error(), err);
    if (!row->summary.empty()) rows.push_back(std::move(*row));
  }
  if (options.format == QueryFormat::json) {
    print_json(rows, *range, *step, options.points, out);
  } else if (options.format == QueryFormat::csv) {
    print_csv(rows, options.points, out);
  } else if (!rows.empty()) {
    (options.points ? print_points_table : print_summary_table)(rows, options.raw, terminal, out);
  }
  if (!rows.empty()) return kExitOk;
  err << "picket query: "
      << (found->empty() ? "no series matches; `picket query --last 1d` lists what there is\n"
                         : "the series have no values in that time; try a longer --last\n");
  return kExitNotWell;
}

}  // namespace picket::commands

// SPDX-License-Identifier: Apache-2.0
#include "tables.hpp"

#include <array>

#include "calendar.hpp"

namespace picket::perf_database::extension {
namespace {

constexpr std::array kSampleColumns = {Column::series,    Column::time,   Column::value,     Column::rate,
                                       Column::time_ns,   Column::wanted, Column::from_time, Column::to_time,
                                       Column::directory, Column::partial};

constexpr std::array kBucketColumns = {Column::series,  Column::time,      Column::count,     Column::minimum,
                                       Column::maximum, Column::mean,      Column::last,      Column::rate,
                                       Column::time_ns, Column::wanted,    Column::from_time, Column::to_time,
                                       Column::step,    Column::directory, Column::partial};

// As the views history_1h and history_1d, and then what those do not have.
constexpr std::array kHistoryColumns = {Column::time,    Column::series,     Column::host,      Column::source,
                                        Column::name,    Column::attributes, Column::unit,      Column::count,
                                        Column::minimum, Column::maximum,    Column::mean,      Column::last,
                                        Column::rate,    Column::time_ns,    Column::pattern,   Column::from_time,
                                        Column::to_time, Column::step,       Column::directory, Column::partial};

constexpr std::array<TableShape, 3> kShapes = {
    TableShape{"samples", "samples(SERIES, FROM, TO)", kSampleColumns, true, 0},
    TableShape{"buckets", "buckets(SERIES, FROM, TO, STEP)", kBucketColumns, true, kMinute},
    TableShape{"history", "history(NAMES, FROM, TO, STEP)", kHistoryColumns, false, kMinute}};

struct Description {
  std::string_view name;
  std::string_view type;
};

Description describe(Column column) {
  switch (column) {
    case Column::series:
      return {"series", "INTEGER"};
    case Column::time:
      return {"time", "NUMERIC"};  // whole seconds stay integers
    case Column::host:
      return {"host", "TEXT"};
    case Column::source:
      return {"source", "TEXT"};
    case Column::name:
      return {"name", "TEXT"};
    case Column::attributes:
      return {"attributes", "TEXT"};
    case Column::unit:
      return {"unit", "TEXT"};
    case Column::count:
      return {"count", "INTEGER"};
    case Column::minimum:
      return {"minimum", "REAL"};
    case Column::maximum:
      return {"maximum", "REAL"};
    case Column::mean:
      return {"mean", "REAL"};
    case Column::last:
      return {"last", "REAL"};
    case Column::value:
      return {"value", "REAL"};
    case Column::rate:
      return {"rate", "REAL"};
    case Column::time_ns:
      return {"time_ns", "INTEGER"};
    case Column::wanted:
      return {"wanted", "HIDDEN"};
    case Column::pattern:
      return {"pattern", "HIDDEN"};
    case Column::from_time:
      return {"from_time", "HIDDEN"};
    case Column::to_time:
      return {"to_time", "HIDDEN"};
    case Column::step:
      return {"step", "HIDDEN"};
    case Column::directory:
      return {"directory", "HIDDEN"};
    case Column::partial:
      return {"partial", "HIDDEN"};
  }
  return {};
}

}  // namespace

std::span<const TableShape> table_shapes() {
  return kShapes;
}

std::string_view column_name(Column column) {
  return describe(column).name;
}

std::string declaration(const TableShape& shape) {
  std::string sql = "CREATE TABLE x(";
  for (const Column column : shape.columns) {
    const Description description = describe(column);
    if (!sql.ends_with('(')) sql += ", ";
    sql += description.name;
    sql += ' ';
    sql += description.type;
  }
  return sql + ")";
}

}  // namespace picket::perf_database::extension

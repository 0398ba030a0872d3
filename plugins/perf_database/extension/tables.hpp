// SPDX-License-Identifier: Apache-2.0
//
// What the three tables look like to SQL: their columns, and the hidden ones that are the arguments of a call.
// Constant; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace picket::perf_database::extension {

enum class Column : std::uint8_t {
  series,  // id
  time,    // seconds since 1970
  host,    // of the series, as are the four that follow
  source,
  name,
  attributes,
  unit,
  count,  // samples behind the row
  minimum,
  maximum,
  mean,
  last,
  value,    // of a sample
  rate,     // of a counter: per second, since the row before
  time_ns,  // exactly
  // Arguments: hidden columns, which a call fills in this order.
  wanted,     // id of a series
  pattern,    // of names: `*`, `?`
  from_time,  // seconds, inclusive
  to_time,    // seconds, exclusive
  step,       // seconds; 0: every sample
  directory,  // of the history
  partial,    // not 0: what cannot be read is left out without an error
};

constexpr bool is_argument(Column column) {
  return column >= Column::wanted;
}

struct TableShape {
  const char* name;
  const char* call;  // how it is called, for messages
  std::span<const Column> columns;
  bool one_series;            // of `wanted` or `series`, without which there is no answer; else of all that match
  std::int64_t default_step;  // ns
};

// samples, buckets, history.
std::span<const TableShape> table_shapes();

std::string_view column_name(Column column);

// The CREATE TABLE that tells SQLite about it.
std::string declaration(const TableShape& shape);

}  // namespace picket::perf_database::extension

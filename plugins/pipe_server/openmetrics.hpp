// SPDX-License-Identifier: Apache-2.0
//
// A page in the OpenMetrics text format 1.0 (openmetrics.io): what `picket counters --openmetrics` prints and a scraper
// reads. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace picket::pipe_server {

// One series.
struct MetricRow {
  enum class Type { counter, gauge, summary };
  Type type = Type::gauge;
  std::string name;  // as on the bus: "http.requests"
  std::string unit;  // UCUM
  std::string help;
  std::vector<std::pair<std::string, std::string>> attributes;
  double value = 0;         // summary: the sum
  std::uint64_t count = 0;  // summary
};

// Names become those of OpenMetrics: `http.server.duration` in `s` is http_server_duration_seconds, a counter ends in
// _total. All series of a name stand together. Of two names that become one with different types the second gets its
// type as a suffix. Ends with `# EOF`.
std::string openmetrics_page(const std::vector<MetricRow>& rows);

// The parts of it, for tests.
std::string openmetrics_name(std::string_view name);  // [a-zA-Z_:][a-zA-Z0-9_:]*
std::string openmetrics_unit(std::string_view ucum);  // "seconds", "bytes", "ratio"; empty: none
std::string openmetrics_number(double value);         // "1", "0.5", "+Inf", "NaN"

}  // namespace picket::pipe_server

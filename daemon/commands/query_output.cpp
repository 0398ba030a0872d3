// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <map>

#include "commands/query.hpp"
#include "commands/time_text.hpp"

namespace picket::commands {

std::vector<RowMoment> moments_of(const Row& row, const BucketGrid& grid, bool gaps) {
  std::map<std::int64_t, RowMoment> moments;
  for (std::size_t i = 0; i < row.now.values.size(); ++i) {
    if (gaps && i > 0 && row.now.values[i].after_gap) moments[gap_time(row.now, i, grid)];
    moments[row.now.values[i].time_ns].now = i;
  }
  for (std::size_t i = 0; row.then && i < row.then->values.size(); ++i) moments[row.then->values[i].time_ns].then = i;
  std::vector<RowMoment> result;
  for (auto& [time, moment] : moments) {
    moment.time_ns = time;
    result.push_back(moment);
  }
  return result;
}

double value_at(const Part& part, const std::optional<std::size_t>& index, const std::vector<Stat>& stats,
                std::size_t stat) {
  return index ? stat_of_value(part, *index, stats, stat) : std::numeric_limits<double>::quiet_NaN();
}

double value_of(const Part& part, std::size_t stat) {
  return stat < part.stats.size() ? part.stats[stat] : std::numeric_limits<double>::quiet_NaN();
}

std::string percentile_basis(const Answer& answer, const Part& part) {
  if (answer.totals) return "totals of " + step_text(answer.grid.step_ns());
  if (answer.read_step_ns != 0) return "values of " + step_text(answer.read_step_ns);
  return part.coarse ? "samples and means of longer times" : "samples";
}

}  // namespace picket::commands

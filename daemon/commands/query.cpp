// SPDX-License-Identifier: Apache-2.0
#include "commands/query.hpp"

#include "commands/exit_codes.hpp"

namespace picket::commands {

int say_history_error(const char* verb, const Error& error, std::ostream& err) {
  err << "picket " << verb << ": " << error.message << '\n';
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

int say_nothing_found(const char* verb, const Answer& answer, std::ostream& err) {
  err << "picket " << verb << ": "
      << (answer.any_series ? "the series have no values in that time; try a longer --last\n"
                            : "no series matches; `picket query --last 1d` lists what there is\n");
  return kExitNotWell;
}

int query(const QueryOptions& options, History& history, const Surroundings& surroundings) {
  const auto answer = ask(options.question, history, surroundings);
  if (!answer) return say_history_error("query", answer.error(), surroundings.err);
  const bool points = options.question.points;
  const bool raw = options.question.raw;
  if (options.format == QueryFormat::json) {
    print_json(*answer, points, raw, surroundings.out);
  } else if (options.format == QueryFormat::csv) {
    print_csv(*answer, points, raw, surroundings.out);
  } else if (!answer->rows.empty()) {
    (points ? print_points_table : print_summary_table)(*answer, raw, surroundings.terminal, surroundings.out);
  }
  return answer->rows.empty() ? say_nothing_found("query", *answer, surroundings.err) : kExitOk;
}

}  // namespace picket::commands

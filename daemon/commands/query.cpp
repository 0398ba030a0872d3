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

int say_how_it_went(const char* verb, const Answer& answer, std::ostream& err) {
  if (!answer.problem.empty()) err << "picket " << verb << ": some of it cannot be read: " << answer.problem << '\n';
  if (answer.rows.empty()) {
    err << "picket " << verb << ": "
        << (answer.any_series ? "the series have no values in that time; try a longer --last\n"
                              : "no series matches; `picket query --last 1d` lists what there is\n");
  }
  return answer.problem.empty() && !answer.rows.empty() ? kExitOk : kExitNotWell;
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
  return say_how_it_went("query", *answer, surroundings.err);
}

}  // namespace picket::commands

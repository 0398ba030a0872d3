// SPDX-License-Identifier: Apache-2.0
//
// The command line of `picket query`.
#include <memory>

#include "commands/history_verb.hpp"
#include "commands/query.hpp"

namespace picket::commands {
namespace {

struct QueryVerbOptions {
  HistoryVerbOptions history;
  QueryOptions query;
  bool csv = false;
  bool json = false;
};

}  // namespace

void add_query(CLI::App& app, Verb& chosen) {
  const auto options = std::make_shared<QueryVerbOptions>();
  CLI::App* const verb =
      add_verb(app,
               {"query",
                "Read the history, while the daemon runs or not",
                {"picket query 'system.cpu.*' --last 24h --stat mean,p95,max",
                 "picket query system.memory.usage --label system.memory.state=used --points --step 1m",
                 "picket query 'process.*' --top 10 --sort max          # the largest",
                 "picket query system.network.io --sum-by device --from yesterday --to today",
                 "picket query 'system.cpu.*' --from 08:00 --compare last-week",
                 "picket query --from 2026-09-03T10:00 --to 2026-09-03T11:00 --points --csv >hour.csv"},
                {"1   nothing was found, or some of it is damaged", "69  there is no history to read",
                 "77  not allowed to read it", "78  the configuration is wrong"}},
               chosen, [options]() -> Verb {
                 if (options->json) options->query.format = QueryFormat::json;
                 if (options->csv) options->query.format = QueryFormat::csv;
                 return [options](const Surroundings& surroundings) {
                   return with_history("query", options->history, surroundings,
                                       [&](History& history) { return query(options->query, history, surroundings); });
                 };
               });
  Question& question = options->query.question;
  add_history_options(*verb, options->history, question);
  verb->add_flag("--points", question.points, "Values over time, instead of one line for each series");
  verb->add_option("--stat", question.stats,
                   "What to show, at commas: last, min, mean, max, count, sum, p50, p99.9 (last,min,mean,max,count)")
      ->type_name("STATS");
  CLI::Option* const csv = verb->add_flag("--csv", options->csv, "CSV instead of a table");
  verb->add_flag("--json", options->json, "JSON instead of a table")->excludes(csv);
}

}  // namespace picket::commands

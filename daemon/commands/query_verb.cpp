// SPDX-License-Identifier: Apache-2.0
//
// The verb around query(): its options, and the instance that it reads through.
#include <memory>

#include "commands/exit_codes.hpp"
#include "commands/offline_instance.hpp"
#include "commands/query.hpp"
#include "commands/verb_options.hpp"
#include "commands/verbs.hpp"
#include "plugin_host/text.hpp"

namespace picket::commands {
namespace {

struct QueryVerbOptions {
  ConfigOptions config;
  std::string instance;
  QueryOptions query;
  bool csv = false;
  bool json = false;
};

// The instance called `wanted`; without a name, the only one that has a history.
Result<std::unique_ptr<OfflineInstance>> open_history(const Configuration& configuration, const std::string& wanted,
                                                      service::Log& log) {
  const config::Model& model = *configuration.loaded.model;
  std::unique_ptr<OfflineInstance> found;
  std::string found_name;
  std::string problems;
  picket_status status = PICKET_NOT_FOUND;
  for (const auto& [name, instance] : model.instances) {
    if (!wanted.empty() && name != wanted) continue;
    const auto type = configuration.catalog->find(instance.type);
    if (!type) return type.error();
    auto made = OfflineInstance::create(instance, **type, model.daemon.state_dir, log);
    if (!made) {
      problems += "; `" + name + "` cannot be opened: " + made.error().message;
      if (made.error().status == PICKET_DENIED) status = PICKET_DENIED;
      continue;
    }
    if ((*made)->extension(PICKET_EXT_HISTORY) == nullptr) continue;
    if (found != nullptr) {
      return Error{"both `" + found_name + "` and `" + name + "` have a history: choose with --instance",
                   PICKET_INVALID};
    }
    found = std::move(*made);
    found_name = name;
  }
  if (found != nullptr) return found;
  if (!wanted.empty() && !model.instances.contains(wanted)) {
    return Error{"there is no instance `" + wanted + "` in the configuration", PICKET_INVALID};
  }
  return Error{(wanted.empty() ? std::string("no instance in the configuration has a history")
                               : "the instance `" + wanted + "` has no history") +
                   problems,
               status};
}

int run_query(const QueryVerbOptions& options, const Surroundings& surroundings) {
  const Configuration configuration = read_configuration(options.config, surroundings);
  if (!configuration.loaded.model) {
    surroundings.err << configuration.loaded.diagnostics.render();
    return kExitConfiguration;
  }
  service::Log log(quiet_log(), surroundings.clock, service::make_stderr_log_sink());
  const auto instance = open_history(configuration, options.instance, log);
  if (!instance) {
    surroundings.err << "picket query: " << instance.error().message << '\n';
    switch (instance.error().status) {
      case PICKET_INVALID:
        return kExitUsage;
      case PICKET_DENIED:
        return kExitPermission;
      default:
        return kExitUnavailable;
    }
  }
  const auto table =
      plugin_host::copy_table(static_cast<const picket_history*>((*instance)->extension(PICKET_EXT_HISTORY)));
  if (table.series == nullptr || table.points == nullptr) {
    surroundings.err << "picket query: the plugin's history lacks functions that this daemon needs\n";
    return kExitUnavailable;
  }
  PluginHistory history(table, (*instance)->self());
  return query(options.query, history, surroundings.clock.wall_ns(), surroundings.terminal, surroundings.out,
               surroundings.err);
}

}  // namespace

void add_query(CLI::App& app, Verb& chosen) {
  const auto options = std::make_shared<QueryVerbOptions>();
  CLI::App* const verb =
      add_verb(app,
               {"query",
                "Read the history, while the daemon runs or not",
                {"picket query 'system.cpu.*' --last 24h",
                 "picket query system.memory.usage --label system.memory.state=used --points --step 1m",
                 "picket query --from 2026-09-03T10:00 --to 2026-09-03T11:00 --csv >hour.csv"},
                {"1   nothing was found", "69  there is no history to read", "77  not allowed to read it",
                 "78  the configuration is wrong"}},
               chosen, [options]() -> Verb {
                 if (options->json) options->query.format = QueryFormat::json;
                 if (options->csv) options->query.format = QueryFormat::csv;
                 return [options](const Surroundings& s) { return run_query(*options, s); };
               });
  QueryOptions& query = options->query;
  verb->add_option("names", query.names, "Names of series, with * and ?; none: all")->type_name("GLOB");
  add_config_options(*verb, options->config);
  verb->add_option("--instance", options->instance, "The instance to ask, if several have a history")
      ->type_name("NAME");
  verb->add_option("--last", query.range.last, "How far back from the end (1h)")->type_name("DURATION");
  verb->add_option("--from", query.range.from, "From when, or from how long ago")->type_name("TIME");
  verb->add_option("--to", query.range.to, "Until when, or until how long ago (now)")->type_name("TIME");
  verb->add_option("--step", query.step, "The length of a bucket; 0: every sample (chosen by the range)")
      ->type_name("DURATION");
  verb->add_option("--label", query.labels, "Only series with this attribute, host or source; may be repeated")
      ->type_name("KEY=VALUE")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_flag("--points", query.points, "Values over time, instead of one line for each series");
  verb->add_flag("--raw", query.raw, "As stored: counters are not turned into rates, units are not scaled");
  verb->add_option("--limit", query.limit, "The most series to show")->capture_default_str();
  CLI::Option* const csv = verb->add_flag("--csv", options->csv, "CSV instead of a table");
  verb->add_flag("--json", options->json, "JSON instead of a table")->excludes(csv);
}

}  // namespace picket::commands

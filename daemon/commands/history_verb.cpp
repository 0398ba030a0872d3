// SPDX-License-Identifier: Apache-2.0
#include "commands/history_verb.hpp"

#include <memory>

#include "commands/exit_codes.hpp"
#include "commands/offline_instance.hpp"
#include "commands/query.hpp"
#include "commands/verb_options.hpp"
#include "plugin_host/text.hpp"

namespace picket::commands {
namespace {

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

}  // namespace

int with_history(const char* verb, const HistoryVerbOptions& options, const Surroundings& surroundings,
                 const std::function<int(History&)>& work) {
  const Configuration configuration = read_configuration(options.config, surroundings);
  if (!configuration.loaded.model) {
    surroundings.err << configuration.loaded.diagnostics.render();
    return kExitConfiguration;
  }
  service::Log log(quiet_log(), surroundings.clock, service::make_stderr_log_sink());
  const auto instance = open_history(configuration, options.instance, log);
  if (!instance) {
    Error error = instance.error();
    // A limit of the plugin's is no wrong use.
    if (error.status == PICKET_LIMIT) error.status = PICKET_FAILED;
    return say_history_error(verb, error, surroundings.err);
  }
  const auto table =
      plugin_host::copy_table(static_cast<const picket_history*>((*instance)->extension(PICKET_EXT_HISTORY)));
  if (table.series == nullptr || table.points == nullptr) {
    surroundings.err << "picket " << verb << ": the plugin's history lacks functions that this daemon needs\n";
    return kExitUnavailable;
  }
  PluginHistory history(table, (*instance)->self());
  return work(history);
}

void add_history_options(CLI::App& verb, HistoryVerbOptions& options, Question& question) {
  verb.add_option("names", question.names, "Names of series, with * and ?; none: all")->type_name("GLOB");
  add_config_options(verb, options.config);
  verb.add_option("--instance", options.instance, "The instance to ask, if several have a history")->type_name("NAME");
  verb.add_option(
          "--label", question.labels,
          "Only series with this attribute, host or source, or != without; * and ? are wild; alternatives repeat "
          "the key")
      ->type_name("KEY=VALUE")
      ->take_all()
      ->allow_extra_args(false);
  verb.add_option("--last", question.range.last, "How far back from the end (1h)")->type_name("DURATION");
  verb.add_option("--from", question.range.from,
                  "From when: 2026-09-03T10:00 (local; UTC with a Z), 12:00, yesterday, 'monday 08:30', now-2h")
      ->type_name("TIME");
  verb.add_option("--to", question.range.to, "Until when (now)")->type_name("TIME");
  verb.add_flag("--utc", question.utc, "Days, times as read and times as printed are UTC's instead of local");
  verb.add_option("--step", question.step,
                  "The length of a bucket; 0: every sample; days and weeks are local (chosen by the range)")
      ->type_name("DURATION");
  CLI::Option* const raw = verb.add_flag(
      "--raw", question.raw, "As stored: counters are not turned into rates, and tables show exact numbers");
  verb.add_flag("--rate", question.rate, "The increase per second of every series, not only of counters")
      ->excludes(raw);
  CLI::Option* const total = verb.add_option(
      "--total", question.total, "One series from those of a name: their sum, mean, min or max in each bucket");
  total->type_name("KIND");
  verb.add_option("--by", question.by,
                  "One series for each value of this label: their sum, or what --total says; several at commas")
      ->type_name("LABEL")
      ->delimiter(',')
      ->take_all()
      ->allow_extra_args(false);
  verb.add_flag_callback(
          "--sum", [&question] { question.total = "sum"; }, "Short for --total sum")
      ->excludes(total);
  verb.add_option("--sum-by", question.by, "Short for --total sum --by LABEL")
      ->type_name("LABEL")
      ->delimiter(',')
      ->take_all()
      ->allow_extra_args(false)
      ->excludes(total);
  verb.add_option("--compare", question.compare,
                  "With the same times earlier: yesterday, last-week, or how much earlier, like 1h")
      ->type_name("EARLIER");
  verb.add_option("--sort", question.sort, "A statistic, largest first (name)")->type_name("STAT");
  verb.add_option("--top", question.top, "Only so many series, the largest by --sort (mean)")->type_name("COUNT");
  verb.add_flag("--reverse", question.reverse, "The other way round");
  verb.add_option("--limit", question.limit, "The most series to read")->capture_default_str();
}

}  // namespace picket::commands

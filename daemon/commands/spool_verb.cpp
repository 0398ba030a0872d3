// SPDX-License-Identifier: Apache-2.0
//
// `picket spool`: what waits on disk and what was refused, as files, with or without a daemon that runs.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "commands/exit_codes.hpp"
#include "commands/human_units.hpp"
#include "commands/table.hpp"
#include "commands/verb_options.hpp"
#include "commands/verbs.hpp"
#include "routing/spool/offline.hpp"
#include "service/printable.hpp"

namespace picket::commands {
namespace {

using routing::spool::SpoolSummary;
using SpoolJson = nlohmann::ordered_json;

struct SpoolOptions {
  ConfigOptions config;
  std::string state_dir;
  std::string route;
  std::string destination;
  bool dead = false;
  bool set_aside = false;
  bool json = false;

  routing::spool::Parts parts(bool everything_by_default) const {
    const bool none = !dead && !set_aside;
    return {none, dead || (none && everything_by_default), set_aside || (none && everything_by_default)};
  }
};

// What a verb works with: the state directory, and which routes there are, if the configuration could be read.
struct SpoolSite {
  std::filesystem::path state_dir;
  std::optional<config::Model> model;
};

int spool_exit_code(const Error& error) {
  return error.status == PICKET_DENIED ? kExitPermission : kExitUnavailable;
}

int complain_of_spool(const char* verb, const Surroundings& surroundings, const Error& error) {
  surroundings.err << "picket spool " << verb << ": " << error.message << '\n';
  return spool_exit_code(error);
}

std::optional<SpoolSite> find_spools(const SpoolOptions& options, const Surroundings& surroundings) {
  SpoolSite site;
  if (!options.state_dir.empty()) {
    site.state_dir = options.state_dir;
    return site;
  }
  Configuration configuration = read_configuration(options.config, surroundings);
  if (!configuration.loaded.model) {
    surroundings.err << configuration.loaded.diagnostics.render()
                     << "with --state-dir this works without a configuration\n";
    return std::nullopt;
  }
  site.state_dir = configuration.loaded.model->daemon.state_dir;
  site.model = std::move(configuration.loaded.model);
  return site;
}

bool is_configured(const config::Model& model, const SpoolSummary& spool) {
  const auto route = model.routes.find(spool.route);
  return route != model.routes.end() &&
         std::any_of(route->second.to.begin(), route->second.to.end(),
                     [&](const config::Destination& to) { return to.label() == spool.destination; });
}

std::string state_of(const SpoolSite& site, const SpoolSummary& spool) {
  if (!spool.problem.empty()) return "cannot be read";
  if (!spool.holder.empty()) return "in use";
  if (site.model && !is_configured(*site.model, spool)) return "no such route";
  return spool.count.batches == 0 ? "empty" : "waiting";
}

std::string human_bytes(std::uint64_t bytes) {
  return human_value(static_cast<double>(bytes), "By");
}

void say_nothing_is_kept(const SpoolSite& site, const Surroundings& surroundings) {
  surroundings.out << "nothing is kept below " << site.state_dir.string() << '\n';
}

// Of the one that a verb names.
void complain_of_nothing(const char* verb, const SpoolSite& site, const SpoolOptions& options,
                         const Surroundings& surroundings) {
  surroundings.err << "picket spool " << verb << ": nothing is kept for " << service::printable(options.route);
  if (!options.destination.empty()) surroundings.err << " -> " << service::printable(options.destination);
  surroundings.err << " below " << site.state_dir.string() << '\n';
}

int list_spools(const SpoolOptions& options, const Surroundings& surroundings) {
  const auto site = find_spools(options, surroundings);
  if (!site) return kExitConfiguration;
  SpoolJson answer = SpoolJson::array();
  Table table({{"ROUTE"},
               {"DESTINATION"},
               {"EVENTS", Align::right},
               {"SIZE", Align::right},
               {"DEAD LETTERS", Align::right},
               {"SET ASIDE", Align::right},
               {"STATE"}});
  for (const SpoolSummary& spool : routing::spool::list_spools(site->state_dir, options.route, options.destination)) {
    const std::string state = state_of(*site, spool);
    SpoolJson entry{{"route", spool.route},
                    {"destination", spool.destination},
                    {"events", spool.count.events},
                    {"batches", spool.count.batches},
                    {"bytes", spool.count.bytes},
                    {"dead_letter_bytes", spool.letter_bytes},
                    {"set_aside", SpoolJson::array()},
                    {"state", state},
                    {"folder", spool.folder.string()}};
    for (const auto& file : spool.set_aside) entry["set_aside"].push_back(file.string());
    if (!spool.holder.empty()) entry["holder"] = spool.holder;
    if (!spool.problem.empty()) entry["problem"] = spool.problem;
    answer.push_back(std::move(entry));
    table.add({spool.route, spool.destination, std::to_string(spool.count.events), human_bytes(spool.count.bytes),
               human_bytes(spool.letter_bytes), std::to_string(spool.set_aside.size()), state});
  }
  if (options.json) {
    surroundings.out << answer.dump(2) << '\n';
  } else if (answer.empty()) {
    say_nothing_is_kept(*site, surroundings);
  } else {
    table.print(surroundings.out, surroundings.terminal);
  }
  return kExitOk;
}

int verify_spools(const SpoolOptions& options, const Surroundings& surroundings) {
  const auto site = find_spools(options, surroundings);
  if (!site) return kExitConfiguration;
  SpoolJson answer = SpoolJson::array();
  bool good = true;
  for (const SpoolSummary& spool : routing::spool::list_spools(site->state_dir, options.route, options.destination)) {
    std::vector<std::string> problems = routing::spool::verify_spool(spool);
    for (const auto& file : spool.set_aside) problems.push_back("set aside as damaged: " + file.string());
    good = good && problems.empty();
    answer.push_back({{"route", spool.route}, {"destination", spool.destination}, {"problems", problems}});
    if (options.json) continue;
    surroundings.out << spool.route << " -> " << spool.destination << ": "
                     << (problems.empty() ? "good, " + std::to_string(spool.count.events) + " events" : "damaged")
                     << '\n';
    for (const std::string& problem : problems) surroundings.out << "  " << problem << '\n';
  }
  if (options.json) surroundings.out << answer.dump(2) << '\n';
  if (answer.empty() && !options.json) say_nothing_is_kept(*site, surroundings);
  return good ? kExitOk : kExitNotWell;
}

int export_spools(const SpoolOptions& options, const Surroundings& surroundings) {
  const auto site = find_spools(options, surroundings);
  if (!site) return kExitConfiguration;
  const auto spools = routing::spool::list_spools(site->state_dir, options.route, options.destination);
  if (spools.empty() && !options.route.empty()) {  // a slip in the name must not look like an empty backlog
    complain_of_nothing("export", *site, options, surroundings);
    return kExitUnavailable;
  }
  std::uint64_t unread = 0;
  for (const SpoolSummary& spool : spools) {
    const auto given = routing::spool::export_spool(spool, options.parts(false), [&](std::string_view event) {
      surroundings.out << event << '\n';
      return surroundings.out.good();
    });
    if (!given.ok()) return complain_of_spool("export", surroundings, given.error());
    unread += *given;
  }
  if (unread == 0) return kExitOk;
  surroundings.err << "picket spool export: " << unread << " could not be read; `picket spool verify` names them\n";
  return kExitNotWell;
}

// The one that is named; nothing, and a message, when there is none.
std::optional<SpoolSummary> named_spool(const char* verb, const SpoolSite& site, const SpoolOptions& options,
                                        const Surroundings& surroundings) {
  auto found = routing::spool::list_spools(site.state_dir, options.route, options.destination);
  if (found.size() == 1) return std::move(found.front());
  complain_of_nothing(verb, site, options, surroundings);
  return std::nullopt;
}

int retry_spool(const SpoolOptions& options, const Surroundings& surroundings) {
  const auto site = find_spools(options, surroundings);
  if (!site) return kExitConfiguration;
  const auto spool = named_spool("retry", *site, options, surroundings);
  if (!spool) return kExitUnavailable;
  const auto retried = routing::spool::retry_spool(*spool, options.parts(true));
  if (!retried.ok()) return complain_of_spool("retry", surroundings, retried.error());
  if (options.json) {
    surroundings.out << SpoolJson{{"events", retried->events}, {"skipped", retried->skipped}}.dump() << '\n';
  } else {
    surroundings.out << retried->events << " events are offered to " << options.destination
                     << " again, at the next start of the daemon or when the route returns\n";
    if (retried->skipped != 0) surroundings.out << retried->skipped << " could not be read and stay where they are\n";
  }
  return retried->skipped == 0 ? kExitOk : kExitNotWell;
}

int drop_spool(const SpoolOptions& options, const Surroundings& surroundings) {
  const auto site = find_spools(options, surroundings);
  if (!site) return kExitConfiguration;
  const auto spool = named_spool("drop", *site, options, surroundings);
  if (!spool) return kExitUnavailable;
  const auto dropped = routing::spool::drop_spool(*spool, options.parts(false));
  if (!dropped.ok()) return complain_of_spool("drop", surroundings, dropped.error());
  if (options.json) {
    surroundings.out << SpoolJson{{"events", *dropped}}.dump() << '\n';
  } else {
    surroundings.out << "dropped " << *dropped << " events that waited for " << options.destination << '\n';
  }
  return kExitOk;
}

CLI::App* add_spool_verb(CLI::App& parent, const VerbText& text, Verb& chosen,
                         int (*work)(const SpoolOptions&, const Surroundings&), bool named) {
  const auto options = std::make_shared<SpoolOptions>();
  CLI::App* const verb = add_verb(parent, text, chosen, [options, work]() -> Verb {
    return [options, work](const Surroundings& s) { return work(*options, s); };
  });
  add_config_options(*verb, options->config);
  verb->add_option("--state-dir", options->state_dir, "Look there, without reading a configuration")
      ->type_name("DIRECTORY");
  CLI::Option* const route = verb->add_option("route", options->route, "The route")->type_name("ROUTE");
  CLI::Option* const to = verb->add_option("destination", options->destination, "The destination")->type_name("NAME");
  if (named) {
    route->required();
    to->required();
  }
  if (work != &export_spools) verb->add_flag("--json", options->json, "JSON instead of text");
  if (work != &list_spools && work != &verify_spools) {
    const bool both = work == &retry_spool;
    verb->add_flag("--dead", options->dead, both ? "Only the dead letters" : "The dead letters instead of the backlog");
    verb->add_flag("--set-aside", options->set_aside,
                   both ? "Only the files that were damaged" : "The files that were damaged instead of the backlog");
  }
  return verb;
}

}  // namespace

void add_spool(CLI::App& app, Verb& chosen) {
  CLI::App* const spool = app.add_subcommand("spool", "Look after what waits on disk and what was refused");
  spool->require_subcommand(1);
  spool->footer("\n`picket spool VERB --help` explains a verb, with examples.");
  add_spool_verb(*spool,
                 {"list",
                  "Show what is kept for each destination",
                  {"picket spool list", "picket spool list trouble --json"},
                  {"78  the configuration is wrong"}},
                 chosen, &list_spools, false);
  add_spool_verb(*spool,
                 {"verify",
                  "Read everything and name what is damaged",
                  {"picket spool verify", "picket spool verify trouble siem"},
                  {"1   something is damaged, or was set aside", "78  the configuration is wrong"}},
                 chosen, &verify_spools, false);
  add_spool_verb(*spool,
                 {"export",
                  "Print events as JSON lines, oldest first",
                  {"picket spool export trouble siem > backlog.jsonl", "picket spool export --dead"},
                  {"1   something could not be read", "69  nothing is kept for what is named, or a file cannot be read",
                   "78  the configuration is wrong"}},
                 chosen, &export_spools, false);
  add_spool_verb(*spool,
                 {"retry",
                  "Put dead letters and set-aside files back into the spool",
                  {"picket spool retry trouble siem", "picket spool retry trouble siem --dead"},
                  {"1   something could not be read", "69  nothing is kept for it, or a daemon has it open",
                   "78  the configuration is wrong"}},
                 chosen, &retry_spool, true);
  add_spool_verb(*spool,
                 {"drop",
                  "Delete a backlog",
                  {"picket spool drop trouble siem", "picket spool drop trouble siem --dead"},
                  {"69  nothing is kept for it, or a daemon has it open", "78  the configuration is wrong"}},
                 chosen, &drop_spool, true);
}

}  // namespace picket::commands

// SPDX-License-Identifier: Apache-2.0
//
// The verbs below `picket db`: their options, the instance whose commands do the work, and a line that says how far it
// is. The instance is created and not started, so a daemon may run meanwhile; what needs it to be stopped says so.
#include <memory>

#include "commands/db.hpp"
#include "commands/exit_codes.hpp"
#include "commands/offline_instance.hpp"
#include "commands/progress.hpp"
#include "commands/verb_options.hpp"
#include "commands/verbs.hpp"

namespace picket::commands {
namespace {

struct DbOptions {
  ConfigOptions config;
  std::string instance;
  bool json = false;
  bool deep = false;
  bool delete_originals = false;
};

int db_exit_code(picket_status status) {
  switch (status) {
    case PICKET_INVALID:
      return kExitUsage;
    case PICKET_DENIED:
      return kExitPermission;
    default:
      return kExitUnavailable;
  }
}

// The instance called `wanted`; without a name, the only one that has the command.
Result<std::unique_ptr<OfflineInstance>> find_database(const Configuration& configuration, const std::string& wanted,
                                                       const std::string& command, service::Log& log) {
  const config::Model& model = *configuration.loaded.model;
  if (!wanted.empty() && !model.instances.contains(wanted)) {
    return Error{"there is no instance `" + wanted + "` in the configuration", PICKET_INVALID};
  }
  std::unique_ptr<OfflineInstance> found;
  std::string found_name;
  for (const auto& [name, instance] : model.instances) {
    if (!wanted.empty() && name != wanted) continue;
    const auto type = configuration.catalog->find(instance.type);
    if (!type) return type.error();
    auto made = OfflineInstance::create(instance, **type, model.daemon.state_dir, log);
    if (!made) {
      if (wanted.empty()) continue;  // `picket validate` says what is wrong with it
      return Error{"`" + name + "` cannot be opened: " + made.error().message, made.error().status};
    }
    if (!(*made)->has_command(command)) continue;
    if (found != nullptr) {
      return Error{"both `" + found_name + "` and `" + name + "` keep a history: choose with --history",
                   PICKET_INVALID};
    }
    found = std::move(*made);
    found_name = name;
  }
  if (found != nullptr) return found;
  return Error{wanted.empty() ? "no instance in the configuration keeps a history with files"
                              : "the instance `" + wanted + "` keeps no history with files",
               PICKET_NOT_FOUND};
}

int run_db(const std::string& command, const DbOptions& options, const Surroundings& surroundings) {
  const Configuration configuration = read_configuration(options.config, surroundings);
  if (!configuration.loaded.model) {
    surroundings.err << configuration.loaded.diagnostics.render();
    return kExitConfiguration;
  }
  service::Log log(quiet_log(), surroundings.clock, service::make_stderr_log_sink());
  const auto complain = [&](const Error& error) {
    surroundings.err << "picket db " << command << ": " << error.message << '\n';
    return db_exit_code(error.status);
  };
  const auto instance = find_database(configuration, options.instance, command, log);
  if (!instance) return complain(instance.error());
  Progress progress(surroundings.clock, surroundings.err, surroundings.terminal.error_interactive);
  (*instance)->watch_gauges([&](const std::string& name, std::int64_t percent) {
    if (name == "inspected") progress.update(static_cast<double>(percent) / 100);
  });
  const std::string arguments = command == "verify" ? std::string(R"({"deep": )") + (options.deep ? "true}" : "false}")
                                : command == "repair"
                                    ? std::string(R"({"delete": )") + (options.delete_originals ? "true}" : "false}")
                                    : "{}";
  const Result<std::string> answer = (*instance)->call(command, arguments);
  progress.finish();
  if (!answer) return complain(answer.error());
  if (options.json) return print_db_json(*answer, surroundings.out);
  if (command == "info") return print_db_info(*answer, surroundings.terminal, surroundings.out);
  if (command == "verify") return print_db_verify(*answer, surroundings.terminal, surroundings.out);
  return print_db_repair(*answer, surroundings.out);
}

CLI::App* add_db_verb(CLI::App& parent, const VerbText& text, Verb& chosen, const std::shared_ptr<DbOptions>& options) {
  const std::string command = text.name;
  CLI::App* const verb = add_verb(parent, text, chosen, [options, command]() -> Verb {
    return [options, command](const Surroundings& s) { return run_db(command, *options, s); };
  });
  add_config_options(*verb, options->config);
  verb->add_option("--history", options->instance, "The instance, if several keep a history")->type_name("NAME");
  verb->add_flag("--json", options->json, "JSON instead of text");
  return verb;
}

}  // namespace

void add_db(CLI::App& app, Verb& chosen) {
  CLI::App* const db = app.add_subcommand("db", "Look after the files of a history");
  db->require_subcommand(1);
  db->footer("\n`picket db VERB --help` explains a verb, with examples.");
  add_db_verb(*db,
              {"info",
               "Show sizes, tiers and times",
               {"picket db info"},
               {"69  there is no history", "77  not allowed to read it", "78  the configuration is wrong"}},
              chosen, std::make_shared<DbOptions>());

  const auto verify = std::make_shared<DbOptions>();
  add_db_verb(*db,
              {"verify",
               "Read everything and say what is damaged, while the daemon runs or not",
               {"picket db verify", "picket db verify --deep --json"},
               {"1   something is damaged", "69  there is no history", "77  not allowed to read it",
                "78  the configuration is wrong"}},
              chosen, verify)
      ->add_flag("--deep", verify->deep, "Hold rows and minutes against what they were made from, too");

  const auto repair = std::make_shared<DbOptions>();
  add_db_verb(*db,
              {"repair",
               "Bring back what can be read of damaged files; stop the daemon first",
               {"picket db repair", "picket db repair --delete       # and remove the damaged files"},
               {"1   something could not be brought back, and was named", "69  there is no history",
                "77  a daemon has the history, or not allowed to write it", "78  the configuration is wrong"}},
              chosen, repair)
      ->add_flag("--delete", repair->delete_originals,
                 "Remove damaged files once all that can be read of them is elsewhere");
}

}  // namespace picket::commands

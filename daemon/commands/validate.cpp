// SPDX-License-Identifier: Apache-2.0
#include "commands/validate.hpp"

#include <nlohmann/json.hpp>

#include "analysis/findings.hpp"
#include "commands/exit_codes.hpp"
#include "commands/offline_instance.hpp"
#include "commands/test_verb.hpp"
#include "commands/verb_options.hpp"
#include "commands/verbs.hpp"
#include "config/print.hpp"

namespace picket::commands {
namespace {

// Whether the commands that routes call are there: a plugin tells its commands only once it is made.
void check_commands(Configuration& configuration, const std::string& name, const OfflineInstance& instance) {
  for (const auto& [route_name, route] : configuration.loaded.model->routes) {
    for (const config::Destination& to : route.to) {
      if (to.instance != name || !to.call || instance.has_command(to.call->command)) continue;
      configuration.loaded.diagnostics.add(
          {config::Severity::error, to.where,
           "route `" + route_name + "`: the instance `" + name + "` has no command `" + to.call->command + "`", ""});
    }
  }
}

// Asks each plugin whether it accepts its settings: create() looks at what no schema can say.
void create_instances(Configuration& configuration, service::Log& log) {
  const config::Model& model = *configuration.loaded.model;
  for (const auto& [name, instance] : model.instances) {
    const auto type = configuration.catalog->find(instance.type);
    if (!type) {
      configuration.loaded.diagnostics.add({config::Severity::error, instance.where, type.error().message, ""});
      continue;
    }
    const auto made = OfflineInstance::create(instance, **type, model.daemon.state_dir, log);
    if (made) {
      check_commands(configuration, name, **made);
      continue;
    }
    configuration.loaded.diagnostics.add(
        {config::Severity::error, instance.where,
         "the plugin " + instance.type + " refuses the settings of `" + name + "`: " + made.error().message, ""});
  }
}

nlohmann::ordered_json findings(const Configuration& configuration) {
  nlohmann::ordered_json answer = {{"ok", !configuration.loaded.diagnostics.has_errors()}};
  answer["findings"] = nlohmann::ordered_json::parse(configuration.loaded.diagnostics.json());
  if (configuration.loaded.model) {
    answer["files"] = configuration.loaded.model->files;
    answer["instances"] = configuration.loaded.model->instances.size();
    answer["routes"] = configuration.loaded.model->routes.size();
    answer["tests"] = configuration.loaded.model->tests.size();
  }
  return answer;
}

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

int validate(const ValidateOptions& options, const Surroundings& surroundings) {
  return check_configuration(read_configuration(options.config, surroundings), options.print, options.json,
                             surroundings);
}

int check_configuration(Configuration configuration, bool print, bool json, const Surroundings& surroundings) {
  if (configuration.loaded.model) {
    service::Log log(quiet_log(), surroundings.clock, service::make_stderr_log_sink());
    create_instances(configuration, log);
    analysis::SourceLines lines;
    analysis::add_warnings(analysis::find_all(*configuration.loaded.model, lines), configuration.loaded.diagnostics);
    check_test_files(configuration);
  }
  const bool good = !configuration.loaded.diagnostics.has_errors();
  if (json && !(print && good)) {
    surroundings.out << findings(configuration).dump(2) << '\n';
  } else {
    surroundings.err << configuration.loaded.diagnostics.render();
  }
  if (!good) return kExitConfiguration;
  const config::Model& model = *configuration.loaded.model;
  if (print) {
    surroundings.out << (json ? config::print_json(model) : config::print_yaml(model));
  } else if (!json) {
    surroundings.out << "the configuration is good: " << counted(model.instances.size(), "instance") << ", "
                     << counted(model.routes.size(), "route")
                     << (model.tests.empty() ? "" : ", " + counted(model.tests.size(), "test")) << ", from "
                     << counted(model.files.size(), "file") << '\n';
  }
  return kExitOk;
}

void add_validate(CLI::App& app, Verb& chosen) {
  const auto options = std::make_shared<ValidateOptions>();
  CLI::App* const verb = add_verb(
      app,
      {"validate",
       "Check the configuration without starting anything",
       {"picket validate", "picket validate --config ./picket.yaml --print"},
       {"78  the configuration is wrong"}},
      chosen, [options]() -> Verb { return [options](const Surroundings& s) { return validate(*options, s); }; });
  add_config_options(*verb, options->config);
  verb->add_flag("--print", options->print, "Print it merged, with defaults; secrets are not shown");
  verb->add_flag("--json", options->json, "JSON: the findings, or, with --print, a good configuration");
}

}  // namespace picket::commands

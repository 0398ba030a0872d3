// SPDX-License-Identifier: Apache-2.0
#include "commands/schema_verb.hpp"

#include "commands/exit_codes.hpp"
#include "commands/verb_options.hpp"
#include "commands/verbs.hpp"
#include "config/suggest.hpp"
#include "routing/steps/step_catalogue.hpp"
#include "service/printable.hpp"

namespace picket::commands {

Result<std::vector<config::NamedSchema>> plugin_schemas(plugin_host::PluginCatalog& catalog,
                                                        const std::vector<std::string>& only, std::ostream& err) {
  std::vector<config::NamedSchema> schemas;
  for (const std::string& id : only.empty() ? catalog.ids() : only) {
    const auto type = catalog.find(id);
    if (type) {
      schemas.push_back({id, (*type)->summary, (*type)->config_schema});
    } else if (only.empty()) {
      err << "picket: left out: " << id << ": " << service::printable(type.error().message) << '\n';
    } else {
      return Error{type.error().message + config::suggestion(id, catalog.ids()), type.error().status};
    }
  }
  return schemas;
}

std::vector<config::NamedSchema> step_schemas() {
  std::vector<config::NamedSchema> schemas;
  for (const routing::StepType* type : routing::step_types()) {
    schemas.push_back({std::string(type->name), std::string(type->summary), std::string(type->schema)});
  }
  return schemas;
}

int print_schema(plugin_host::PluginCatalog& catalog, const std::vector<std::string>& only, std::ostream& out,
                 std::ostream& err) {
  const auto plugins = plugin_schemas(catalog, only, err);
  if (!plugins) {
    err << "picket schema: " << service::printable(plugins.error().message) << '\n';
    return kExitUnavailable;
  }
  const auto schema = config::file_schema(*plugins, step_schemas());
  if (!schema) {
    err << "picket schema: " << service::printable(schema.error().message) << '\n';
    return kExitNotWell;
  }
  out << *schema;
  return kExitOk;
}

void add_schema(CLI::App& app, Verb& chosen) {
  struct Options {
    ConfigOptions config;
    std::vector<std::string> plugins;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* const verb = add_verb(app,
                                  {"schema",
                                   "Print the JSON Schema of the configuration file, for editors",
                                   {"picket schema > picket.schema.json    # then, on top of the YAML file:",
                                    "# yaml-language-server: $schema=picket.schema.json",
                                    "picket schema --plugin perf_collector --plugin perf_database"},
                                   {"1   the schema of a plugin cannot be used", "69  there is no such plugin"}},
                                  chosen, [options]() -> Verb {
                                    return [options](const Surroundings& s) {
                                      if (!options->config.files.empty()) {
                                        return print_schema(*read_configuration(options->config, s).catalog,
                                                            options->plugins, s.out, s.err);
                                      }
                                      plugin_host::PluginCatalog catalog(plugin_directories(options->config, s));
                                      return print_schema(catalog, options->plugins, s.out, s.err);
                                    };
                                  });
  add_config_options(*verb, options->config);
  verb->add_option("--plugin", options->plugins, "Instances of this type only (all that are installed)")
      ->type_name("NAME")
      ->take_all()
      ->allow_extra_args(false);
}

}  // namespace picket::commands

// SPDX-License-Identifier: Apache-2.0
#include "commands/plugins.hpp"

#include <nlohmann/json.hpp>

#include "commands/exit_codes.hpp"
#include "commands/table.hpp"
#include "commands/verb_options.hpp"
#include "commands/verbs.hpp"
#include "config/schema.hpp"
#include "config/suggest.hpp"
#include "service/printable.hpp"

namespace picket::commands {
namespace {

nlohmann::ordered_json entry_json(const plugin_host::CatalogEntry& entry) {
  nlohmann::ordered_json item = {{"id", entry.id}, {"path", entry.path.string()}};
  if (entry.type == nullptr) {
    item["problem"] = entry.problem;
  } else {
    item["version"] = entry.type->version;
    item["summary"] = entry.type->summary;
    item["abi"] = std::to_string(entry.type->abi_major) + "." + std::to_string(entry.type->abi_minor);
  }
  return item;
}

// A plugin's texts may be anything.
std::string dump(const nlohmann::ordered_json& value) {
  return value.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

int list_plugins(plugin_host::PluginCatalog& catalog, bool json, const platform::Terminal& terminal, std::ostream& out,
                 std::ostream& err) {
  const auto entries = catalog.list();
  nlohmann::ordered_json answer = nlohmann::ordered_json::array();
  Table table({{"PLUGIN"}, {"VERSION"}, {"SUMMARY"}, {"FILE"}});
  bool all_good = true;
  for (const auto& entry : entries) {
    all_good = all_good && entry.type != nullptr;
    answer.push_back(entry_json(entry));
    if (entry.type != nullptr) {
      table.add({entry.id, entry.type->version, entry.type->summary, entry.path.string()});
    } else {
      table.add({entry.id, "-", "cannot be used, see below", entry.path.string()});
    }
  }
  if (json) {
    out << dump(answer);
  } else if (!table.empty()) {
    table.print(out, terminal);
  }
  for (const auto& entry : entries) {
    if (entry.type == nullptr)
      err << "picket plugins: " << entry.id << ": " << service::printable(entry.problem) << '\n';
  }
  if (entries.empty()) {
    err << "picket plugins: no plugins are installed where this program looks; see --plugin-path\n";
    return kExitUnavailable;
  }
  return all_good ? kExitOk : kExitNotWell;
}

int describe_plugin(plugin_host::PluginCatalog& catalog, const std::string& id, bool json, std::ostream& out,
                    std::ostream& err) {
  const auto type = catalog.find(id);
  if (!type) {
    err << "picket plugins describe: " << service::printable(type.error().message)
        << config::suggestion(id, catalog.ids()) << '\n';
    return kExitUnavailable;
  }
  if (json) {
    out << dump(nlohmann::ordered_json::parse((*type)->config_schema));
    return kExitOk;
  }
  const auto example = config::schema_example(id, (*type)->config_schema);
  if (!example) {
    err << "picket plugins describe: the schema of " << id << " cannot be read: " << example.error().message << '\n';
    return kExitNotWell;
  }
  out << "# " << service::printable((*type)->id + " " + (*type)->version + ": " + (*type)->summary) << '\n' << *example;
  return kExitOk;
}

void add_plugins(CLI::App& app, Verb& chosen) {
  CLI::App* const plugins = app.add_subcommand("plugins", "Show the plugins that are installed");
  plugins->require_subcommand(1);
  plugins->footer("\n`picket plugins VERB --help` explains a verb, with examples.");

  struct Options {
    ConfigOptions config;
    std::string id;
    bool json = false;
  };
  // With a configuration that can be read, the plugins are those that it would use.
  const auto catalog_of = [](const Options& options, const Surroundings& s) {
    if (!options.config.files.empty()) return read_configuration(options.config, s).catalog;
    return std::make_shared<plugin_host::PluginCatalog>(plugin_directories(options.config, s));
  };
  const auto list_options = std::make_shared<Options>();
  CLI::App* const list =
      add_verb(*plugins,
               {"list",
                "List the plugins that are installed",
                {"picket plugins list", "picket plugins list --plugin-path ./build/plugins --json"},
                {"1   a plugin that is there cannot be used", "69  there are none"}},
               chosen, [list_options, catalog_of]() -> Verb {
                 return [list_options, catalog_of](const Surroundings& s) {
                   return list_plugins(*catalog_of(*list_options, s), list_options->json, s.terminal, s.out, s.err);
                 };
               });
  add_config_options(*list, list_options->config);
  list->add_flag("--json", list_options->json, "JSON instead of a table");

  const auto describe_options = std::make_shared<Options>();
  CLI::App* const describe =
      add_verb(*plugins,
               {"describe",
                "Show the settings of a plugin as commented YAML",
                {"picket plugins describe perf_collector", "picket plugins describe perf_database --json"},
                {"1   its schema cannot be read", "69  there is no such plugin"}},
               chosen, [describe_options, catalog_of]() -> Verb {
                 return [describe_options, catalog_of](const Surroundings& s) {
                   return describe_plugin(*catalog_of(*describe_options, s), describe_options->id,
                                          describe_options->json, s.out, s.err);
                 };
               });
  add_config_options(*describe, describe_options->config);
  describe->add_option("name", describe_options->id, "The plugin")->required()->type_name("NAME");
  describe->add_flag("--json", describe_options->json, "Its JSON Schema instead");

  add_plugins_check(*plugins, chosen);
}

}  // namespace picket::commands

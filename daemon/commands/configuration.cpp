// SPDX-License-Identifier: Apache-2.0
#include "commands/configuration.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "commands/steps.hpp"
#include "platform/paths.hpp"
#include "platform/private_file.hpp"
#include "platform/process.hpp"
#include "routing/event_json.hpp"
#include "routing/expression/expression.hpp"
#include "routing/names.hpp"
#include "routing/steps/message_template.hpp"
#include "routing/steps/step_catalogue.hpp"
#include "service/daemon.hpp"

namespace picket::commands {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> absolute_paths(const std::vector<std::string>& texts) {
  std::vector<fs::path> paths;
  for (const std::string& text : texts) {
    std::error_code error;
    if (!text.empty()) paths.push_back(fs::absolute(fs::path(text), error).lexically_normal());
  }
  return paths;
}

// The plugins' schemas, from a catalog that is made when it is known where to look.
class CatalogSchemas final : public config::PluginSchemas {
 public:
  explicit CatalogSchemas(std::shared_ptr<plugin_host::PluginCatalog> catalog) : catalog_(std::move(catalog)) {}

  void look_in(std::vector<fs::path> directories) {
    if (catalog_ == nullptr) {
      catalog_ = std::make_shared<plugin_host::PluginCatalog>(std::move(directories), platform::is_privileged());
    }
  }
  const std::shared_ptr<plugin_host::PluginCatalog>& catalog() const { return catalog_; }

  Result<std::string> find(std::string_view type) const override {
    if (catalog_ == nullptr) return Error{"no plugin directory is known", PICKET_NOT_FOUND};
    const auto found = catalog_->find(std::string(type));
    if (!found) return found.error();
    return (*found)->config_schema;
  }
  std::vector<std::string> types() const override {
    return catalog_ == nullptr ? std::vector<std::string>() : catalog_->ids();
  }

 private:
  std::shared_ptr<plugin_host::PluginCatalog> catalog_;
};

// The types of steps that this program knows.
class CatalogueSteps final : public config::StepSchemas {
 public:
  explicit CatalogueSteps(routing::Names& names) : names_(names) {}

  std::optional<std::string> find(std::string_view type) const override {
    const routing::StepType* const found = routing::find_step_type(type);
    return found == nullptr ? std::nullopt : std::optional<std::string>(found->schema);
  }
  std::vector<std::string> types() const override { return step_type_names(); }
  std::vector<config::StepMistake> check(std::string_view type, const std::string& settings) const override {
    const routing::StepType* const found = routing::find_step_type(type);
    std::vector<config::StepMistake> mistakes;
    if (found == nullptr || found->check == nullptr) return mistakes;
    for (routing::StepProblem& problem : found->check(nlohmann::json::parse(settings), names_)) {
      mistakes.push_back({std::move(problem.pointer), problem.offset, std::move(problem.message)});
    }
    return mistakes;
  }

 private:
  routing::Names& names_;
};

std::optional<config::StepMistake> check_event(routing::EventJsonReader& reader, const std::string& text) {
  struct Nowhere final : routing::Output {
    void pass(const routing::Events& /*in*/, std::span<const std::uint32_t> /*indices*/) override {}
    void pass(const routing::Events& /*in*/) override {}
    void add(routing::BatchRef /*made*/) override {}
  } nowhere;
  routing::EventWriter writer(nowhere);
  const auto error = reader.read(text, writer);
  if (!error) return std::nullopt;
  return config::StepMistake{error->pointer, 0, error->message};
}

void refuse(config::Loaded& loaded, const std::string& file, const std::string& message) {
  loaded.diagnostics.add({config::Severity::error, {file, 0, 0}, message, ""});
  loaded.model.reset();
}

}  // namespace

std::vector<fs::path> plugin_directories(const ConfigOptions& options, const Surroundings& surroundings) {
  if (!options.plugin_path.empty()) return absolute_paths(options.plugin_path);
  const std::string listed = surroundings.environment("PICKET_PLUGIN_PATH").value_or("");
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= listed.size();) {
    const std::size_t end = std::min(listed.find(config::kPathListSeparator, begin), listed.size());
    parts.push_back(listed.substr(begin, end - begin));
    begin = end + 1;
  }
  const auto directories = absolute_paths(parts);
  return directories.empty() ? platform::default_paths().plugin_dirs : directories;
}

std::vector<fs::path> configuration_files(const ConfigOptions& options) {
  std::vector<fs::path> files(options.files.begin(), options.files.end());
  if (files.empty()) files.push_back(platform::default_paths().config_file);
  return files;
}

Configuration read_configuration(const ConfigOptions& options, const Surroundings& surroundings,
                                 std::shared_ptr<plugin_host::PluginCatalog> catalog) {
  const platform::DefaultPaths defaults = platform::default_paths();
  const std::vector<fs::path> directories = plugin_directories(options, surroundings);
  CatalogSchemas schemas(std::move(catalog));
  config::LoadInput input;
  input.files = configuration_files(options);
  input.environment = [&](std::string_view name) -> std::optional<std::string> {
    // The option is worth more than the variable, and both than the file.
    if (name == "PICKET_PLUGIN_PATH" && !options.plugin_path.empty()) {
      std::string joined;
      for (const fs::path& directory : directories) {
        if (!joined.empty()) joined += config::kPathListSeparator;
        joined += directory.string();
      }
      return joined;
    }
    return surroundings.environment(std::string(name));
  };
  input.plugins = &schemas;
  routing::Names names;  // the filters are compiled again, with the daemon's names, by the router
  input.check_filter = [&names](std::string_view filter) -> std::optional<config::FilterError> {
    const auto compiled = routing::Filter::compile(filter, names);
    if (compiled) return std::nullopt;
    return config::FilterError{compiled.error().message, compiled.error().offset};
  };
  input.check_template = [&names](std::string_view text) -> std::optional<config::FilterError> {
    const auto compiled = routing::MessageTemplate::compile(text, names);
    if (compiled) return std::nullopt;
    return config::FilterError{compiled.error().message, compiled.error().offset};
  };
  routing::EventJsonOptions event_options;
  event_options.names = routing::NamePolicy::intern;
  routing::EventJsonReader events(names, std::move(event_options));
  input.check_event = [&events](const std::string& text) -> std::optional<config::StepMistake> {
    return check_event(events, text);
  };
  for (const plugin_host::CommandInfo& command : service::Daemon::command_list()) {
    input.daemon_commands.push_back(command.name);
  }
  const CatalogueSteps steps(names);
  input.steps = &steps;
  input.defaults.state_dir = defaults.state_dir;
  input.defaults.plugin_dirs = defaults.plugin_dirs;
  input.on_daemon = [&schemas](const config::DaemonSettings& daemon) {
    schemas.look_in({daemon.plugin_dirs.begin(), daemon.plugin_dirs.end()});
  };

  Configuration configuration;
  configuration.loaded = config::load(input);
  schemas.look_in(directories);  // unless it is known already
  configuration.catalog = schemas.catalog();
  if (platform::is_privileged() && configuration.loaded.model) {
    for (const std::string& file : std::vector<std::string>(configuration.loaded.model->files)) {
      const auto reason = platform::writable_by_others(file);
      if (reason) refuse(configuration.loaded, file, "refused by a privileged process: " + *reason);
    }
  }
  return configuration;
}

}  // namespace picket::commands

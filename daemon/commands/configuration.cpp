// SPDX-License-Identifier: Apache-2.0
#include "commands/configuration.hpp"

#include <algorithm>
#include <utility>

#include "platform/paths.hpp"
#include "platform/private_file.hpp"
#include "platform/process.hpp"
#include "routing/expression/expression.hpp"
#include "routing/names.hpp"

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

Configuration read_configuration(const ConfigOptions& options, const Surroundings& surroundings,
                                 std::shared_ptr<plugin_host::PluginCatalog> catalog) {
  const platform::DefaultPaths defaults = platform::default_paths();
  const std::vector<fs::path> directories = plugin_directories(options, surroundings);
  CatalogSchemas schemas(std::move(catalog));
  config::LoadInput input;
  for (const std::string& file : options.files) input.files.emplace_back(file);
  if (input.files.empty()) input.files.push_back(defaults.config_file);
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

// SPDX-License-Identifier: Apache-2.0
#include "commands/verb_options.hpp"

namespace picket::commands {

void add_config_options(CLI::App& verb, ConfigOptions& options) {
  verb.add_option("-c,--config", options.files,
                  "The configuration file, or a directory that holds picket.yaml; may be repeated")
      ->type_name("PATH")
      ->take_all()
      ->allow_extra_args(false);
  verb.add_option("--plugin-path", options.plugin_path, "Where to look for plugins, instead of the configured places")
      ->type_name("DIRECTORY")
      ->delimiter(config::kPathListSeparator)
      ->take_all()
      ->allow_extra_args(false);
}

service::Log::Settings quiet_log() {
  return {service::LogLevel::warning, config::LogFormat::text, {}};
}

}  // namespace picket::commands

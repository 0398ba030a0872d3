// SPDX-License-Identifier: Apache-2.0
//
// Options that several verbs share. Included by the files of verbs.
#pragma once

#include "commands/configuration.hpp"
#include "commands/verbs.hpp"
#include "service/logging.hpp"

namespace picket::commands {

// --config and --plugin-path.
void add_config_options(CLI::App& verb, ConfigOptions& options);

// The log of verbs that create instances only to look at them: warnings and worse.
service::Log::Settings quiet_log();

}  // namespace picket::commands

// SPDX-License-Identifier: Apache-2.0
//
// Where things are when nobody says otherwise. Used by main and by the configuration's defaults.
#pragma once

#include <filesystem>
#include <vector>

namespace picket::platform {

// All absolute. Nothing is created, and nothing need exist.
struct DefaultPaths {
  std::filesystem::path config_file;               // conf.d stands beside it
  std::vector<std::filesystem::path> plugin_dirs;  // searched in order
  std::filesystem::path state_dir;
  std::filesystem::path runtime_dir;  // sockets and locks; on Windows, where pipes have names of their own, locks
};

// Linux, as root or a service: /etc/picket/picket.yaml, /var/lib/picket, /run/picket; for anybody else the state and
// runtime directories are below XDG_STATE_HOME (~/.local/state) and XDG_RUNTIME_DIR. STATE_DIRECTORY and
// RUNTIME_DIRECTORY, which systemd sets (systemd.exec(5)), win. Windows: below %ProgramData%\Picket.
// Plugins: those that belong to the running executable (../lib/picket/plugins or, in a build tree, ../plugins; on
// Windows `plugins` beside it) if there are any, then /usr/lib/picket/plugins.
DefaultPaths default_paths();

}  // namespace picket::platform

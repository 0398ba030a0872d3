// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "platform/paths.hpp"
#include "platform/process.hpp"

namespace picket::platform {
namespace {

namespace fs = std::filesystem;

// An absolute path from the environment; the systemd variables may list several, separated by colons.
fs::path from_environment(const std::string& name) {
  const std::string value = environment(name).value_or("");
  const fs::path path = value.substr(0, value.find(':'));
  return path.is_absolute() ? path : fs::path();
}

fs::path state_dir() {
  if (fs::path given = from_environment("STATE_DIRECTORY"); !given.empty()) return given;
  if (!is_privileged()) {
    if (const fs::path xdg = from_environment("XDG_STATE_HOME"); !xdg.empty()) return xdg / "picket";
    if (const fs::path home = from_environment("HOME"); !home.empty()) return home / ".local/state/picket";
  }
  return "/var/lib/picket";
}

fs::path runtime_dir() {
  if (fs::path given = from_environment("RUNTIME_DIRECTORY"); !given.empty()) return given;
  if (!is_privileged()) {
    if (const fs::path xdg = from_environment("XDG_RUNTIME_DIR"); !xdg.empty()) return xdg / "picket";
  }
  return "/run/picket";
}

}  // namespace

DefaultPaths default_paths() {
  DefaultPaths paths;
  paths.config_file = "/etc/picket/picket.yaml";
  paths.state_dir = state_dir();
  paths.runtime_dir = runtime_dir();
  const fs::path prefix = executable_path().parent_path().parent_path();
  for (const fs::path& candidate : {prefix / "lib/picket/plugins", prefix / "plugins"}) {
    std::error_code error;
    if (!prefix.empty() && candidate != "/usr/lib/picket/plugins" && fs::is_directory(candidate, error)) {
      paths.plugin_dirs.push_back(candidate);
    }
  }
  paths.plugin_dirs.emplace_back("/usr/lib/picket/plugins");
  return paths;
}

}  // namespace picket::platform

// SPDX-License-Identifier: Apache-2.0
#include "platform/paths.hpp"
#include "platform/process.hpp"
#include "platform/text_windows.hpp"

namespace picket::platform {

DefaultPaths default_paths() {
  namespace fs = std::filesystem;
  const fs::path data = fs::path(to_wide(environment("ProgramData").value_or("C:\\ProgramData"))) / "Picket";
  DefaultPaths paths;
  paths.config_file = data / "config" / "picket.yaml";
  paths.state_dir = data / "state";
  paths.runtime_dir = data / "state";
  const fs::path beside = executable_path().parent_path();
  std::error_code error;
  // A build tree keeps programs in bin/ and plugins in plugins/.
  if (fs::is_directory(beside.parent_path() / "plugins", error)) {
    paths.plugin_dirs.push_back(beside.parent_path() / "plugins");
  }
  paths.plugin_dirs.push_back(beside / "plugins");
  return paths;
}

}  // namespace picket::platform

// SPDX-License-Identifier: Apache-2.0
//
// One installation of Picket in a directory of its own: configuration, state, and the real program of this build with
// its plugins. What a test starts here sees nothing of the machine's own installation. Single thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "process.hpp"
#include "temporary_directory.hpp"

namespace picket::integration {

// Collects cpu and memory ten times a second and stores it; nothing else.
extern const char* const kMainJob;

class Site {
 public:
  Site();

  // Also the place for whatever else a test needs.
  const std::filesystem::path& directory() const { return directory_.path(); }
  std::filesystem::path config_file() const { return directory() / "etc" / "picket.yaml"; }
  std::filesystem::path state() const { return directory() / "state"; }
  std::filesystem::path history() const { return state() / "history"; }

  void configure(std::string_view yaml) const { write_file(config_file(), yaml); }

  // Looks for plugins there too, before those of this build.
  void add_plugins(const std::filesystem::path& folder);

  // `picket VERB... --config <ours>` to its end.
  Output picket(std::vector<std::string> words, Environment environment = {}) const;
  // `picket run`, which a test reads, signals and waits for. It logs everything down to debug.
  std::unique_ptr<Process> run(Environment environment = {}) const;
  // The same, and waits until it is ready. Throws std::runtime_error with its log if that does not come.
  std::unique_ptr<Process> run_until_ready(Environment environment = {}) const;

 private:
  Environment complete(Environment environment) const;

  TemporaryDirectory directory_;
  std::string plugin_path_;
};

// The program alone, without a configuration.
Output run_picket(std::vector<std::string> words, const Environment& environment = {});

// Where this build's plugins are, and the broken ones that tests load.
std::filesystem::path plugin_folder();
std::filesystem::path fixture_folder();

// TERM, and the exit code.
std::optional<int> stop(Process& daemon);

}  // namespace picket::integration

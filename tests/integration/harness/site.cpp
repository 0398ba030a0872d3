// SPDX-License-Identifier: Apache-2.0
#include "site.hpp"

#include <signal.h>

#include <stdexcept>

namespace picket::integration {

// CMake says where this build is.
constexpr const char* kProgram = PICKET_PROGRAM;
constexpr const char* kPlugins = PICKET_PLUGINS;
constexpr const char* kFixtures = PICKET_FIXTURES;

const char* const kMainJob = R"(
instances:
  host: {type: perf_collector, interval: 100ms, groups: {cpu: {}, memory: {}}}
  history: {type: perf_database, commit_interval: 100ms}
routes:
  perf-to-history: {from: host, to: history}
)";

Site::Site() : plugin_path_(kPlugins) {
  std::filesystem::create_directories(state());
}

void Site::add_plugins(const std::filesystem::path& folder) {
  plugin_path_ = folder.string() + ":" + plugin_path_;
}

Environment Site::complete(Environment environment) const {
  environment.try_emplace("PICKET_PLUGIN_PATH", plugin_path_);
  environment.try_emplace("RUNTIME_DIRECTORY", (directory() / "run").string());
  environment.try_emplace("STATE_DIRECTORY", state().string());  // as systemd says it
  return environment;
}

Output Site::picket(std::vector<std::string> words, Environment environment) const {
  words.insert(words.begin(), kProgram);
  words.insert(words.end(), {"--config", config_file().string()});
  return run_to_end(words, complete(std::move(environment)));
}

std::unique_ptr<Process> Site::run(Environment environment) const {
  const std::vector<std::string> words = {kProgram, "run", "--config", config_file().string(), "--log-level", "debug"};
  return std::make_unique<Process>(words, complete(std::move(environment)));
}

std::unique_ptr<Process> Site::run_until_ready(Environment environment) const {
  auto daemon = run(std::move(environment));
  if (!daemon->wait_for_err("INFO picket ready")) {
    throw std::runtime_error("the daemon did not become ready:\n" + daemon->err());
  }
  return daemon;
}

Output run_picket(std::vector<std::string> words, const Environment& environment) {
  words.insert(words.begin(), kProgram);
  return run_to_end(words, environment);
}

std::filesystem::path plugin_folder() {
  return kPlugins;
}

std::filesystem::path fixture_folder() {
  return kFixtures;
}

std::optional<int> stop(Process& daemon) {
  daemon.signal(SIGTERM);
  return daemon.wait_exit();
}

}  // namespace picket::integration

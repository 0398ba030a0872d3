// SPDX-License-Identifier: Apache-2.0
#include "commands/version.hpp"

#include <memory>
#include <nlohmann/json.hpp>

#include "commands/exit_codes.hpp"
#include "commands/verbs.hpp"
#include "picket/base.h"

namespace picket::commands {
namespace {

// Set by CMake for this file alone.
constexpr const char* kVersion = PICKET_VERSION;
constexpr const char* kBuildType = PICKET_BUILD_TYPE;
constexpr const char* kSystem = PICKET_SYSTEM;
constexpr const char* kCompiler = PICKET_COMPILER;

}  // namespace

std::string_view program_version() {
  return kVersion;
}

int version(const VersionOptions& options, std::ostream& out) {
  const std::string abi = std::to_string(PICKET_ABI_MAJOR) + "." + std::to_string(PICKET_ABI_MINOR);
  if (options.json) {
    const nlohmann::ordered_json answer = {
        {"version", kVersion}, {"abi", abi}, {"build", kBuildType}, {"system", kSystem}, {"compiler", kCompiler}};
    out << answer.dump(2) << '\n';
  } else {
    out << "picket " << kVersion << "\nplugin ABI " << abi << "\nbuild " << kBuildType << ", " << kSystem << ", "
        << kCompiler << '\n';
  }
  return kExitOk;
}

void add_version(CLI::App& app, Verb& chosen) {
  const auto options = std::make_shared<VersionOptions>();
  CLI::App* const verb =
      add_verb(app, {"version", "Say which build this is", {"picket version", "picket version --json"}, {}}, chosen,
               [options]() -> Verb { return [options](const Surroundings& s) { return version(*options, s.out); }; });
  verb->add_flag("--json", options->json, "JSON instead of text");
}

}  // namespace picket::commands

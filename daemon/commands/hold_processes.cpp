// SPDX-License-Identifier: Apache-2.0
//
// The hidden verb `picket hold-processes`: the daemon runs it to have a holder (process/holder.hpp).
#include "commands/exit_codes.hpp"
#include "commands/verbs.hpp"
#include "process/holder.hpp"

namespace picket::commands {
namespace {

constexpr const char* kHoldHelp =
    "Usage: picket hold-processes --directory DIR [--control-groups auto|none|DIR]\n"
    "The parent of the programs that the daemon starts. The daemon runs it by itself; there is no use in doing so by "
    "hand.\n";

}  // namespace

int hold_processes(const std::vector<std::string>& arguments, const Surroundings& surroundings) {
  process::HolderOptions options;
  for (std::size_t i = 2; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--help" || word == "-h") {
      surroundings.out << kHoldHelp;
      return kExitOk;
    }
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const bool has_value = equals != std::string::npos || i + 1 < arguments.size();
    std::string* const value = name == "--directory"        ? &options.directory
                               : name == "--control-groups" ? &options.control_groups
                                                            : nullptr;
    if (value == nullptr || !has_value) {
      surroundings.err << "picket hold-processes: " << word << " is no option of it, or has no value\n" << kHoldHelp;
      return kExitUsage;
    }
    *value = equals != std::string::npos ? word.substr(equals + 1) : arguments[++i];
  }
  if (!options.directory.starts_with('/')) {
    surroundings.err << "picket hold-processes: --directory must be an absolute path\n" << kHoldHelp;
    return kExitUsage;
  }
  return process::hold_processes(options, surroundings.err);
}

}  // namespace picket::commands

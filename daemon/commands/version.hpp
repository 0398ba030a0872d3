// SPDX-License-Identifier: Apache-2.0
//
// `picket version`: which build this is, for people and for bug reports.
#pragma once

#include <ostream>
#include <string_view>

namespace picket::commands {

struct VersionOptions {
  bool json = false;
};

// The version of the program, "0.1.0".
std::string_view program_version();

int version(const VersionOptions& options, std::ostream& out);

}  // namespace picket::commands

// SPDX-License-Identifier: Apache-2.0
//
// `picket version`: which build this is, for people and for bug reports.
#pragma once

#include <ostream>

namespace picket::commands {

struct VersionOptions {
  bool json = false;
};

int version(const VersionOptions& options, std::ostream& out);

}  // namespace picket::commands

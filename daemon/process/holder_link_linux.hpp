// SPDX-License-Identifier: Apache-2.0
//
// How the daemon comes to its holder: takes over the one that runs, else starts one. Blocks for a moment; one thread.
#pragma once

#include <string>

#include "picket/result.hpp"
#include "process/channel_linux.hpp"

namespace picket::process {

struct HolderPlace {
  std::string directory;  // the holder's own
  std::string program;    // `picket`
  std::string control_groups;
};

// A connection to the holder of this directory, which is started if there is none. `was_started`: it is a new one.
Result<Descriptor> reach_holder(const HolderPlace& place, bool& was_started);

}  // namespace picket::process

// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "process/holder.hpp"

namespace picket::process {

int hold_processes(const HolderOptions& /*options*/, std::ostream& err) {
  err << "picket hold-processes: not available on this system yet\n";
  return 1;
}

}  // namespace picket::process

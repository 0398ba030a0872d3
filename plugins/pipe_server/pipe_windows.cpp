// SPDX-License-Identifier: Apache-2.0
//
// Named pipes behind the seam of transport.hpp are still to come: until then a door says so and does not
// open.
#include "transport.hpp"

namespace picket::pipe_server {

std::unique_ptr<Listener> Listener::make(Loop& /*loop*/, Host /*host*/, const ListenerSettings& settings,
                                         Traffic& /*traffic*/, Protocol& /*protocol*/) {
  throw Failure("cannot listen at " + settings.path +
                    ": named pipes are not part of this version of Picket for Windows yet; remove the instance",
                PICKET_UNSUPPORTED);
}

}  // namespace picket::pipe_server

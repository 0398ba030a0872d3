// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "access.hpp"

namespace picket::pipe_server {

bool is_trusted_peer(const Peer& peer) {
  return peer.known() && (peer.uid == 0 || peer.uid == static_cast<std::int64_t>(geteuid()));
}

}  // namespace picket::pipe_server

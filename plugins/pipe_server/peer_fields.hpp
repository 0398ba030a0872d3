// SPDX-License-Identifier: Apache-2.0
//
// What `peer: true` adds to an event: who sent it, as the system knows, and not as the sender says. The loop's thread.
#pragma once

#include <picket/plugin.hpp>

#include "peer.hpp"

namespace picket::pipe_server {

class PeerFields {
 public:
  PeerFields(Host host, bool wanted)
      : wanted_(wanted), pid_(host.name("peer.pid")), uid_(host.name("peer.uid")), gid_(host.name("peer.gid")) {}

  // To the batch's last event. False when they do not fit.
  bool add(const Peer& peer, picket_batch& batch) const {
    if (!wanted_ || !peer.known()) return true;
    return picket_batch_int(&batch, pid_.id, peer.pid) == PICKET_OK &&
           picket_batch_int(&batch, uid_.id, peer.uid) == PICKET_OK &&
           picket_batch_int(&batch, gid_.id, peer.gid) == PICKET_OK;
  }

 private:
  bool wanted_;
  Name pid_, uid_, gid_;
};

}  // namespace picket::pipe_server

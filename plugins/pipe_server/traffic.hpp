// SPDX-License-Identifier: Apache-2.0
//
// What happens at the door, counted for the instance, and the totals that its limits look at. On the loop's thread,
// but the counters, which are the host's.
#pragma once

#include <cstddef>
#include <cstdint>

#include <picket/plugin.hpp>

namespace picket::pipe_server {

struct Traffic {
  Traffic(Host host, std::size_t max_open, std::size_t max_waiting);

  std::size_t max_connections, connections = 0;  // open now, of all listeners
  std::size_t max_queued, queued = 0;            // bytes in outgoing queues, of all clients

  std::uint64_t next_connection = 1;  // Connection::id

  Counter accepted;   // connections
  Counter refused;    // connections, by a limit
  Counter cut;        // connections that were closed for a fault of the client
  Counter messages;   // lines, requests, datagrams
  Counter malformed;  // of them
  Counter received_bytes;
  Counter sent_bytes;
  Gauge open;  // connections
};

}  // namespace picket::pipe_server

// SPDX-License-Identifier: Apache-2.0
#include "traffic.hpp"

namespace picket::pipe_server {

Traffic::Traffic(Host host, std::size_t max_open, std::size_t max_waiting)
    : max_connections(max_open),
      max_queued(max_waiting),
      accepted(host, "connections.accepted", "{connection}", "Clients that connected."),
      refused(host, "connections.refused", "{connection}", "Clients that a limit turned away."),
      cut(host, "connections.cut", "{connection}", "Clients that were closed for a fault of theirs, or a limit."),
      messages(host, "messages", "{message}", "Lines, requests and datagrams that came in."),
      malformed(host, "messages.malformed", "{message}", "Of them, those that could not be read."),
      received_bytes(host, "received", "By", "Bytes that clients sent."),
      sent_bytes(host, "sent", "By", "Bytes that clients read."),
      open(host, "connections", "{connection}", "Clients at present.") {}

}  // namespace picket::pipe_server

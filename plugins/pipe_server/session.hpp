// SPDX-License-Identifier: Apache-2.0
//
// One conversation with one client, in one protocol. A protocol is a factory of sessions: one file each, listed in
// protocols.cpp. All on the loop's thread. A session reads what it is given, answers through its Connection, and hands
// events to the Publisher.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "transport.hpp"

namespace picket::pipe_server {

class Publisher;
class HandlerPort;
struct Services;

class Session {
 public:
  virtual ~Session() = default;

  // The first call, before anything is read. A datagram listener has one session for all its senders.
  virtual void opened() {}

  // Bytes as they came (stream) or one whole message. Valid during the call, with kPadding readable bytes behind it.
  // The answer is how many messages it were, for limits.rate. To stop in the middle (hold()), the session keeps the
  // rest itself (LineBuffer does) and goes on in resumed().
  static constexpr std::size_t kPadding = 64;  // SIMDJSON_PADDING, and to spare
  virtual std::size_t received(std::string_view data) = 0;
  // The last hold was released: goes on with what was kept back; the answer is as that of received().
  virtual std::size_t resumed() { return 0; }

  // The peer will send nothing more (a half-closed socket); what is left of a message may be taken or refused now.
  // True: the connection may close as soon as the output is written. False: answers are still to come, and the session
  // calls close() after the last one.
  virtual bool input_ended() { return true; }
  // The listener drains: the same question, at the end of its input for our reasons.
  virtual bool draining() { return true; }
  // The drain has no more time: what is open is answered now, as cancelled. closed() follows.
  virtual void abandoned() {}

  // The outgoing queue has become empty. For sessions that produce as fast as the peer reads.
  virtual void writable() {}

  // The last call, however it came to that. The connection is still there, and takes nothing.
  virtual void closed(CloseReason reason) { static_cast<void>(reason); }
};

// What a protocol's sessions are made with; all of it outlives them.
struct Door {
  Host host;
  Loop& loop;
  Publisher& publisher;
  Traffic& traffic;
  const Settings& settings;
  Services* services = nullptr;  // what jsonrpc needs beside it (services.hpp)
};

class Protocol {
 public:
  virtual ~Protocol() = default;
  virtual std::unique_ptr<Session> open(Connection& connection) = 0;
  // What a client is told that is refused because of `limit` ("limits.connections"), before it is closed; empty:
  // nothing.
  virtual std::string refusal(std::string_view limit) const {
    static_cast<void>(limit);
    return {};
  }
};

// Makes the protocol that `settings` names (the schema knows only those there are), one for each listener.
std::unique_ptr<Protocol> make_protocol(Door& door, const ListenerSettings& settings);

}  // namespace picket::pipe_server

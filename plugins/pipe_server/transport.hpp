// SPDX-License-Identifier: Apache-2.0
//
// The seam to the operating system's local pipes: a Listener makes Connections, each of which carries bytes or whole
// messages between one peer and one Session. Linux: Unix-domain sockets (socket_*_linux.cpp). Windows: named pipes in
// message mode, overlapped, several pending instances (pipe_windows.cpp); nothing here knows which of them it is.
//
// Everything here runs on the loop's thread. A Connection belongs to its Listener and lives until its session has been
// told closed(); then both go.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loop.hpp"
#include "peer.hpp"
#include "settings.hpp"

namespace picket::pipe_server {

class Protocol;
class Session;

// Why a connection is not read from. It is read while there is no reason.
enum class Hold : std::uint8_t {
  publisher = 1,  // the queues behind the publisher are full
  output = 2,     // the peer does not read its answers
  rate = 4,       // limits.rate
  session = 8,    // the session's own: too much of this client is under way
};

enum class CloseReason {
  done,       // the peer has closed, and all it asked for is answered
  session,    // the session wanted so
  gone,       // the peer went away in the middle
  idle,       // limits.idle
  queued,     // limits.queued: the peer does not read what it asked for
  malformed,  // a message that cannot be split off: too long, wrong framing
  stopping,   // the listener stops
  failed,     // an error of the system
};
const char* to_string(CloseReason reason);

class Connection {
 public:
  virtual ~Connection() = default;

  // Puts bytes (stream) or one whole message (seqpacket, named pipe; for datagrams: nothing can be answered, false)
  // into the outgoing queue. False, and the connection closes (CloseReason::queued) at the end of the round, when that
  // would be over limits.queued or the total; false as well when the connection is closing. Written at the end of the
  // round, or by flush().
  virtual bool send(std::string_view data) = 0;
  // Writes now what the peer takes at once. False when the peer is gone.
  virtual bool flush() = 0;
  // Bytes in the outgoing queue.
  virtual std::size_t queued() const = 0;

  // Stops and continues reading; see Hold. After the last hold is released, what the session kept back comes first
  // (Session::resumed), then the peer's next bytes.
  virtual void hold(Hold why) = 0;
  virtual void release(Hold why) = 0;
  virtual bool held() const = 0;

  // Reads nothing more; closes when the outgoing queue is empty (`after_output`) or at the end of the round. A peer
  // that does not take its output within a few seconds loses it. Session::closed() follows, never from inside of this
  // call.
  virtual void close(CloseReason reason, bool after_output = true) = 0;

  // Takes what has come already, asks the session (Session::draining), and closes as soon as nothing is owed.
  virtual void drain() = 0;

  // Of a datagram listener: of the last message.
  virtual const Peer& peer() const = 0;
  // The further groups that the peer had when it connected, as the operating system keeps them with the connection; no
  // directory service is asked. Empty: it has none, or they are not known.
  virtual std::vector<std::int64_t> peer_groups() const { return {}; }
  virtual const ListenerSettings& settings() const = 0;
  // Counts from 1, unique in this instance's life; what log lines name.
  virtual std::uint64_t id() const = 0;
};

// What all listeners of one instance share: the total limits, and the counters that say what happened.
struct Traffic;

class Listener {
 public:
  virtual ~Listener() = default;

  // Binds, sets mode and owner, then listens; throws Failure with the path and what to do when another program answers
  // there, what stands there is no socket, or permissions are missing. Accepts once accept() was called.
  static std::unique_ptr<Listener> make(Loop& loop, Host host, const ListenerSettings& settings, Traffic& traffic,
                                        Protocol& protocol);

  virtual void accept() = 0;
  // Accepts and reads what is there already, then nothing more; `drained` runs, not from inside of this call, when
  // every connection is closed: at once those that owe nothing, the others when their answers are out or after
  // `patience_ns`. Removes the socket's file.
  virtual void drain(std::int64_t patience_ns, std::function<void()> drained) = 0;
  virtual std::size_t connections() const = 0;
  virtual const ListenerSettings& settings() const = 0;
};

}  // namespace picket::pipe_server

// SPDX-License-Identifier: Apache-2.0
#include "socket_listener_linux.hpp"

#include <fcntl.h>
#include <picket/ext/inherited_sockets.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace picket::pipe_server {
namespace {

constexpr int kBacklog = 1024;      // clients that wait to be accepted; the system may allow fewer
constexpr int kAcceptsARound = 64;  // so that many newcomers do not keep those inside waiting
constexpr std::int64_t kRestNs = 100'000'000;
constexpr std::int64_t kShortestSweepNs = 50'000'000;

Peer peer_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return {};
  return {credentials.uid, credentials.gid, credentials.pid};
}

}  // namespace

std::unique_ptr<Listener> Listener::make(Loop& loop, Host host, const ListenerSettings& settings, Traffic& traffic,
                                         Protocol& protocol) {
  auto& epoll = static_cast<EpollLoop&>(loop);
  if (settings.kind == Kind::datagram) {
    return std::make_unique<DatagramListener>(epoll, host, settings, traffic, protocol);
  }
  return std::make_unique<SocketListener>(epoll, host, settings, traffic, protocol);
}

ListeningSocket::ListeningSocket(Host host, const ListenerSettings& settings, int backlog) {
  const void* const table = host.c()->extension(host.self(), PICKET_EXT_INHERITED_SOCKETS);
  const auto inherited = copy_table(static_cast<const picket_inherited_sockets*>(table));
  if (inherited.duplicate != nullptr) {
    socket = Descriptor(
        static_cast<int>(inherited.duplicate(host.self(), to_str(settings.activation), to_str(settings.path))));
  }
  if (socket) {
    check_inherited(settings, backlog);
    return;
  }
  if (!settings.activation.empty()) {
    throw Failure("cannot listen at " + settings.path + ": the service manager has opened no socket named '" +
                      settings.activation + "' (FileDescriptorName= of a socket unit)",
                  PICKET_NOT_FOUND);
  }
  socket = Descriptor(::socket(AF_UNIX, socket_type(settings.kind) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) throw Failure("cannot listen at " + settings.path + ": " + std::strerror(errno));
  path.emplace(socket, settings, backlog);
}

// It was made by somebody else: of what kind, and whether it listens, is to be seen.
void ListeningSocket::check_inherited(const ListenerSettings& settings, int backlog) const {
  const auto option = [this](int name) {
    int value = -1;
    socklen_t size = sizeof value;
    return ::getsockopt(socket.get(), SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
  };
  if (option(SO_DOMAIN) != AF_UNIX || option(SO_TYPE) != socket_type(settings.kind)) {
    throw Failure("cannot listen at " + settings.path +
                      ": the socket that the service manager opened is no Unix-domain " + to_string(settings.kind) +
                      " socket; give the listener its kind",
                  PICKET_INVALID);
  }
  if (backlog > 0 && option(SO_ACCEPTCONN) != 1 && ::listen(socket.get(), backlog) != 0) {
    throw Failure("cannot listen at " + settings.path + ": " + std::strerror(errno));
  }
  ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
}

SocketListener::SocketListener(EpollLoop& loop, Host host, const ListenerSettings& settings, Traffic& traffic,
                               Protocol& protocol)
    : loop_(loop),
      host_(host),
      settings_(settings),
      traffic_(traffic),
      protocol_(protocol),
      socket_(host, settings, kBacklog) {}

SocketListener::~SocketListener() {
  if (watched_) loop_.remove(socket_.socket.get(), *this);
  draining_ = true;
  while (!connections_.empty()) connections_.begin()->second->end(CloseReason::stopping);
}

void SocketListener::accept() {
  watched_ = loop_.add(socket_.socket.get(), EPOLLIN, *this);
  if (!watched_) throw Failure("cannot listen at " + settings_.path + ": " + std::strerror(errno));
  if (settings_.limits.idle_ns > 0) close_idle();
}

void SocketListener::ready(std::uint32_t /*events*/) {
  for (int i = 0; i < kAcceptsARound && accept_one(); ++i) {
  }
}

// True when there may be more.
bool SocketListener::accept_one() {
  Descriptor socket(::accept4(socket_.socket.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (socket) {
    admit(std::move(socket));
    return true;
  }
  if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) rest_a_while(errno);
  return errno == EINTR || errno == ECONNABORTED;
}

void SocketListener::admit(Descriptor socket) {
  const Peer peer = peer_of(socket.get());
  if (const std::string_view limit = limit_reached(peer); !limit.empty()) {
    traffic_.refused.add();
    host_.warning("a client at " + settings_.path + " was refused: " + std::string(limit) + " is reached");
    const std::string answer = protocol_.refusal(limit);
    static_cast<void>(::send(socket.get(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
    return;
  }
  traffic_.accepted.add();
  traffic_.open.set(static_cast<std::int64_t>(++traffic_.connections));
  if (settings_.limits.user_connections > 0) ++by_user_[peer.uid];
  const std::uint64_t id = traffic_.next_connection++;
  auto made = std::make_unique<SocketConnection>(loop_, std::move(socket), settings_, traffic_, *this, peer, id);
  SocketConnection& connection = *made;
  connections_.emplace(id, std::move(made));
  if (!connection.open(protocol_.open(connection))) connection.end(CloseReason::failed);
}

std::string_view SocketListener::limit_reached(const Peer& peer) const {
  const Limits& limits = settings_.limits;
  if (connections_.size() >= static_cast<std::size_t>(limits.connections)) return "limits.connections";
  if (traffic_.connections >= traffic_.max_connections) return "connections";
  if (limits.user_connections > 0) {
    const auto found = by_user_.find(peer.uid);
    if (found != by_user_.end() && found->second >= static_cast<std::size_t>(limits.user_connections)) {
      return "limits.user_connections";
    }
  }
  return {};
}

// Without descriptors the same client would be ready again and again.
void SocketListener::rest_a_while(int error) {
  host_.warning("cannot accept clients at " + settings_.path + ": " + std::strerror(error) + "; trying again");
  if (!watched_) return;
  loop_.remove(socket_.socket.get(), *this);
  watched_ = false;
  loop_.call_after(kRestNs, [this, alive = std::weak_ptr<int>(alive_)] {
    if (alive.expired() || draining_) return;
    watched_ = loop_.add(socket_.socket.get(), EPOLLIN, *this);
  });
}

void SocketListener::close_idle() {
  const std::int64_t idle = settings_.limits.idle_ns;
  const std::int64_t oldest = loop_.now_ns() - idle;
  std::vector<SocketConnection*> silent;
  for (const auto& [id, connection] : connections_) {
    if (connection->last_activity_ns() <= oldest) silent.push_back(connection.get());
  }
  for (SocketConnection* const connection : silent) connection->close(CloseReason::idle, false);
  loop_.call_after(std::max(idle / 4, kShortestSweepNs), [this, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired() && !draining_) close_idle();
  });
}

void SocketListener::connection_over(SocketConnection& connection) {
  if (settings_.limits.user_connections > 0) {
    const auto found = by_user_.find(connection.peer().uid);
    if (found != by_user_.end() && --found->second == 0) by_user_.erase(found);
  }
  connections_.erase(connection.id());
  traffic_.open.set(static_cast<std::int64_t>(--traffic_.connections));
  tell_if_drained();
}

void SocketListener::drain(std::int64_t patience_ns, std::function<void()> drained) {
  draining_ = true;
  drained_ = std::move(drained);
  // Who has come before the stop is served.
  while (accept_one()) {
  }
  if (watched_) loop_.remove(socket_.socket.get(), *this);
  watched_ = false;
  socket_.socket.reset();
  socket_.path.reset();
  std::vector<std::uint64_t> ids;
  ids.reserve(connections_.size());
  for (const auto& [id, connection] : connections_) ids.push_back(id);
  for (const std::uint64_t id : ids) {
    const auto found = connections_.find(id);
    if (found != connections_.end()) found->second->drain();
  }
  const std::weak_ptr<int> alive = alive_;
  loop_.at_end_of_round([this, alive] {
    if (!alive.expired()) tell_if_drained();
  });
  loop_.call_after(patience_ns, [this, alive] {
    if (alive.expired()) return;
    while (!connections_.empty()) connections_.begin()->second->give_up();
    tell_if_drained();
  });
}

void SocketListener::tell_if_drained() {
  if (!connections_.empty() || !drained_) return;
  loop_.at_end_of_round(std::exchange(drained_, nullptr));
}

}  // namespace picket::pipe_server

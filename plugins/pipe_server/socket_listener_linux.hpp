// SPDX-License-Identifier: Apache-2.0
//
// Listeners over Unix-domain sockets: one that accepts connections (stream, seqpacket), and one that receives
// datagrams, which is listener and connection in one. The loop's thread.
#pragma once

#include <map>
#include <optional>
#include <unordered_map>

#include "socket_connection_linux.hpp"
#include "socket_path_linux.hpp"

namespace picket::pipe_server {

// A socket that listens: one that the service manager has opened, or a new one with its path.
struct ListeningSocket {
  ListeningSocket(Host host, const ListenerSettings& settings, int backlog);

  void check_inherited(const ListenerSettings& settings, int backlog) const;

  Descriptor socket;
  std::optional<SocketPath> path;  // none: the manager's, which stays when we go
};

class SocketListener final : public Listener, public Pollable, public SocketConnection::Owner {
 public:
  SocketListener(EpollLoop& loop, Host host, const ListenerSettings& settings, Traffic& traffic, Protocol& protocol);
  ~SocketListener() override;

  void accept() override;
  void drain(std::int64_t patience_ns, std::function<void()> drained) override;
  std::size_t connections() const override { return connections_.size(); }
  const ListenerSettings& settings() const override { return settings_; }

  void ready(std::uint32_t events) override;
  void connection_over(SocketConnection& connection) override;

 private:
  bool accept_one();
  void admit(Descriptor socket);
  std::string_view limit_reached(const Peer& peer) const;
  void rest_a_while(int error);
  void close_idle();
  void tell_if_drained();

  EpollLoop& loop_;
  Host host_;
  const ListenerSettings& settings_;
  Traffic& traffic_;
  Protocol& protocol_;
  ListeningSocket socket_;
  bool watched_ = false;
  std::unordered_map<std::uint64_t, std::unique_ptr<SocketConnection>> connections_;
  std::map<std::int64_t, std::size_t> by_user_;  // connections, if limits.user_connections asks
  std::function<void()> drained_;
  bool draining_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

class DatagramListener final : public Listener, public Connection, public Pollable {
 public:
  DatagramListener(EpollLoop& loop, Host host, const ListenerSettings& settings, Traffic& traffic, Protocol& protocol);
  ~DatagramListener() override;

  void accept() override;
  void drain(std::int64_t patience_ns, std::function<void()> drained) override;
  std::size_t connections() const override { return 0; }

  bool send(std::string_view /*data*/) override { return false; }
  bool flush() override { return false; }
  std::size_t queued() const override { return 0; }
  void hold(Hold why) override;
  void release(Hold why) override;
  bool held() const override { return holds_ != 0; }
  // A datagram that cannot be used costs itself only.
  void close(CloseReason /*reason*/, bool /*after_output*/) override {}
  void drain() override {}
  const Peer& peer() const override { return peer_; }
  const ListenerSettings& settings() const override { return settings_; }
  std::uint64_t id() const override { return 0; }

  void ready(std::uint32_t events) override;

 private:
  void receive(std::size_t most);
  void take(std::size_t messages);
  void update_interest();

  EpollLoop& loop_;
  const ListenerSettings& settings_;
  Traffic& traffic_;
  ListeningSocket socket_;
  std::unique_ptr<Session> session_;
  Protocol& protocol_;
  Peer peer_;
  std::int64_t tokens_;
  std::int64_t tokens_at_ns_;
  std::uint8_t holds_ = 0;
  bool watched_ = false;
  bool reading_ = false;  // epoll waits for input
  bool resume_planned_ = false;
  bool draining_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace picket::pipe_server

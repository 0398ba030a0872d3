// SPDX-License-Identifier: Apache-2.0
//
// One client at a stream or seqpacket socket. Belongs to its listener; the loop's thread.
#pragma once

#include <string>
#include <vector>

#include "loop_linux.hpp"
#include "session.hpp"
#include "traffic.hpp"

namespace picket::pipe_server {

class SocketConnection final : public Connection, public Pollable {
 public:
  // Told once, when nothing of the connection is needed any more; it destroys it.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void connection_over(SocketConnection& connection) = 0;
  };

  SocketConnection(EpollLoop& loop, Descriptor socket, const ListenerSettings& settings, Traffic& traffic, Owner& owner,
                   const Peer& peer, std::uint64_t id);
  ~SocketConnection() override;

  // Its conversation begins. False when the system cannot wait for it.
  bool open(std::unique_ptr<Session> session);
  // Ends at once, without another word to the peer.
  void end(CloseReason reason);
  // The same at the end of a drain: what is open is answered, as far as the peer takes it at once.
  void give_up();
  std::int64_t last_activity_ns() const { return active_ns_; }

  bool send(std::string_view data) override;
  bool flush() override;
  std::size_t queued() const override { return out_.size() - out_begin_; }
  void hold(Hold why) override;
  void release(Hold why) override;
  bool held() const override { return holds_ != 0; }
  void close(CloseReason reason, bool after_output) override;
  void drain() override;
  const Peer& peer() const override { return peer_; }
  std::vector<std::int64_t> peer_groups() const override;
  const ListenerSettings& settings() const override { return settings_; }
  std::uint64_t id() const override { return id_; }

  void ready(std::uint32_t events) override;

 private:
  enum class State : std::uint8_t { open, input_over, closing, over };

  void read_once();
  void take(std::size_t messages);
  void input_over();
  void go_on();
  void write_out();
  void forget_output();
  void plan_flush();
  void update_interest();
  bool over() const { return state_ == State::over; }

  EpollLoop& loop_;
  Descriptor socket_;
  const ListenerSettings& settings_;
  Traffic& traffic_;
  Owner& owner_;
  const Peer peer_;
  const std::uint64_t id_;
  std::unique_ptr<Session> session_;
  std::string out_;
  std::size_t out_begin_ = 0;
  std::vector<std::uint32_t> out_messages_;  // seqpacket: the sizes of what is in out_
  std::int64_t active_ns_ = 0;
  std::int64_t tokens_ = 0;  // of limits.rate, in nanoseconds of credit
  std::int64_t tokens_at_ns_ = 0;
  std::uint32_t interest_ = 0;  // what epoll waits for
  std::uint8_t holds_ = 0;
  State state_ = State::open;
  CloseReason reason_ = CloseReason::done;
  bool watched_ = false;  // by epoll
  bool parked_ = false;   // not watched, for the peer has closed, and what it sent before must wait
  bool mute_ = false;     // the peer reads no more
  bool busy_ = false;     // inside of the session, which flushes afterwards
  bool flush_planned_ = false;
  bool resume_planned_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace picket::pipe_server

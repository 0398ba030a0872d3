// SPDX-License-Identifier: Apache-2.0
//
// The protocol `message`: one message in, one reply out, answered by another instance (picket.message-handler/1); see
// docs/message.md. A message of a stream is a line; elsewhere it is a message of the socket.
#include <memory>
#include <string>

#include "line_buffer.hpp"
#include "protocols.hpp"
#include "traffic.hpp"

namespace picket::pipe_server {
namespace {

class MessageSession final : public Session {
 public:
  MessageSession(Door& door, const picket_host_messages& messages, Connection& connection)
      : door_(door),
        messages_(messages),
        connection_(connection),
        lines_(static_cast<std::size_t>(connection.settings().limits.message)) {}
  ~MessageSession() override { end_conversation(); }

  void opened() override {
    picket_peer peer{};
    peer.size = sizeof peer;
    peer.uid = connection_.peer().uid;
    peer.gid = connection_.peer().gid;
    peer.pid = connection_.peer().pid;
    const picket_conversation_events events{sizeof events, 0, &MessageSession::on_reply, &MessageSession::on_draining,
                                            &MessageSession::on_ended};
    picket_error error{};
    conversation_ =
        messages_.open(door_.host.self(), to_str(connection_.settings().handler), &peer, &events, this, &error);
    if (conversation_ != 0) return;
    door_.traffic.refused.add();
    door_.host.warning("a client at " + connection_.settings().path + " was turned away: " + error.message);
    connection_.close(CloseReason::session);
  }

  std::size_t received(std::string_view data) override {
    count_ = 0;
    if (connection_.settings().kind != Kind::stream) {
      if (stopped_) {
        kept_.assign(data);  // it is not read from, so it is one at most
      } else {
        ask(data);
      }
    } else if (!lines_.feed(data, [this](std::string_view line) { return ask_line(line); })) {
      too_long();
    }
    return count_;
  }
  std::size_t resumed() override {
    count_ = 0;
    stopped_ = false;
    if (connection_.settings().kind != Kind::stream) {
      if (!kept_.empty()) ask(std::exchange(kept_, {}));
    } else if (!lines_.resume([this](std::string_view line) { return ask_line(line); })) {
      too_long();
    }
    return count_;
  }
  bool input_ended() override {
    if (lines_.stopped() || !kept_.empty()) return false;
    if (const std::string_view rest = lines_.rest(); !rest.empty()) {
      ask(rest);
      lines_.release();
    }
    ending_ = true;
    return open_ == 0;
  }
  bool draining() override {
    ending_ = true;
    return open_ == 0;
  }
  void closed(CloseReason /*reason*/) override { end_conversation(); }

 private:
  LineBuffer::Line ask_line(std::string_view line) {
    if (stopped_) return LineBuffer::Line::stop;
    ask(line);
    return LineBuffer::Line::next;
  }

  void ask(std::string_view message) {
    if (conversation_ == 0) return;
    ++count_;
    ++open_;
    picket_error error{};
    const picket_status status = messages_.send(door_.host.self(), conversation_, to_str(message), &error);
    if (status != PICKET_OK) {
      --open_;
      return failed(status, error.message);
    }
    if (open_ >= connection_.settings().limits.requests) {
      stopped_ = true;
      connection_.hold(Hold::session);
    }
  }

  void too_long() {
    door_.traffic.malformed.add();
    connection_.close(CloseReason::malformed);
  }

  void failed(picket_status status, std::string_view reason) {
    if (status != PICKET_OK && status != PICKET_CANCELLED) {
      door_.host.warning("'" + connection_.settings().handler + "' failed to answer a client: " + std::string(reason));
    }
    connection_.close(CloseReason::session);
  }

  picket_status answer(std::string_view message) {
    if (open_ > 0) --open_;
    if (connection_.settings().kind == Kind::stream) {
      out_.assign(message);
      out_ += '\n';
      message = out_;
    }
    const bool sent = connection_.send(message) && connection_.flush();
    if (out_.capacity() > kKeptAnswer) out_.shrink_to_fit();
    if (stopped_ && open_ < connection_.settings().limits.requests) connection_.release(Hold::session);
    if (ending_ && open_ == 0) connection_.close(CloseReason::done);
    return sent ? PICKET_OK : PICKET_CANCELLED;
  }

  void end_conversation() {
    const picket_conversation conversation = std::exchange(conversation_, 0);
    if (conversation != 0) messages_.close(door_.host.self(), conversation);
  }

  // The handler's calls come on the loop's thread (an answer at once) or on any other; the session is there until
  // close() has returned, but what they post may come later.
  template <typename Work>
  void post(Work work) {
    door_.loop.post([this, alive = std::weak_ptr<int>(alive_), work = std::move(work)] {
      if (!alive.expired()) work(*this);
    });
  }
  static MessageSession& of(void* context) { return *static_cast<MessageSession*>(context); }
  static picket_status on_reply(void* context, picket_str message) {
    MessageSession& self = of(context);
    if (self.door_.loop.is_current()) return self.answer(to_view(message));
    self.post([copy = std::string(to_view(message))](MessageSession& session) { session.answer(copy); });
    return PICKET_OK;
  }
  static void on_draining(void* context) {
    of(context).post([](MessageSession& session) { session.connection_.drain(); });
  }
  static void on_ended(void* context, picket_status status, picket_str reason) {
    of(context).post(
        [status, copy = std::string(to_view(reason))](MessageSession& session) { session.failed(status, copy); });
  }

  static constexpr std::size_t kKeptAnswer = 1024;

  Door& door_;
  const picket_host_messages& messages_;
  Connection& connection_;
  LineBuffer lines_;
  std::string kept_;  // seqpacket: a message that waits
  std::string out_;
  picket_conversation conversation_ = 0;
  std::int64_t open_ = 0;  // messages that are not answered
  std::size_t count_ = 0;  // messages of this call
  bool stopped_ = false;   // too many are open
  bool ending_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

class MessageProtocol final : public Protocol {
 public:
  explicit MessageProtocol(Door& door)
      : door_(door), messages_(door.host.require<picket_host_messages>(PICKET_EXT_MESSAGE_HANDLER)) {}
  std::unique_ptr<Session> open(Connection& connection) override {
    return std::make_unique<MessageSession>(door_, messages_, connection);
  }

 private:
  Door& door_;
  const picket_host_messages messages_;
};

}  // namespace

std::unique_ptr<Protocol> make_message(Door& door, const ListenerSettings& /*settings*/) {
  return std::make_unique<MessageProtocol>(door);
}

}  // namespace picket::pipe_server

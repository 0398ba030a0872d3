// SPDX-License-Identifier: Apache-2.0
//
// MessageHandler: answers the messages of local clients (picket.message-handler/1). A pipe server's listener with
// `protocol: message` and `handler: NAME` brings the clients of the instance NAME.
#ifndef PICKET_DETAIL_MESSAGES_HPP
#define PICKET_DETAIL_MESSAGES_HPP

#include <cstdint>
#include <string_view>

#include "../ext/message_handler.h"
#include "host.hpp"

namespace picket {

// One client, as its handler sees it. A small value: keep a copy to answer later, from any thread; once the client has
// gone, it does nothing.
class Conversation {
 public:
  Conversation(Host host, const picket_host_messages &table, picket_conversation id) noexcept
      : self_(host.self()), table_(&table), id_(id) {}

  // PICKET_OK: the client has it or will. CANCELLED: it has gone. LIMIT: it does not read what it asked for.
  picket_status reply(std::string_view message) const noexcept {
    return table_->reply == nullptr ? PICKET_UNSUPPORTED : table_->reply(self_, id_, to_str(message));
  }
  // Ends it once its replies are out.
  void end() const noexcept {
    if (table_->end != nullptr) table_->end(self_, id_);
  }
  // Unique in the daemon's life.
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }

 private:
  void *self_;
  const picket_host_messages *table_;
  picket_conversation id_;
};

// Who is at the other end; -1: not known. Valid during opened().
struct Client {
  std::int64_t uid = -1, gid = -1, pid = -1;
  std::string_view user, server;
};

// Base of a plugin that answers messages. Its functions are [message] calls: on a thread of the server, one after the
// other for each conversation, at the same time as [control] calls; so what both touch is atomic or locked.
class MessageHandler {
 public:
  virtual ~MessageHandler() = default;
  // A client has connected, and has said nothing yet. Throw to turn it away.
  virtual void opened(const Conversation &conversation, const Client &client) {
    static_cast<void>(conversation);
    static_cast<void>(client);
  }
  // One whole message. Answer with conversation.reply(), here or later.
  virtual void message(const Conversation &conversation, std::string_view text) = 0;
  // The client has gone; the last call about it.
  virtual void closed(const Conversation &conversation) { static_cast<void>(conversation); }
};

}  // namespace picket

#endif

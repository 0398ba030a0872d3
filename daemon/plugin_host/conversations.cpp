// SPDX-License-Identifier: Apache-2.0
#include "plugin_host/conversations.hpp"

#include <algorithm>
#include <utility>

#include "plugin_host/call_scope.hpp"
#include "plugin_host/text.hpp"

namespace picket::plugin_host {
namespace {

std::string text_of_error(const picket_error& error) {
  return {error.message, std::find(std::begin(error.message), std::end(error.message), '\0')};
}

}  // namespace

// --- the handler's side --------------------------------------------------------------------------------------------

template <typename Call>
picket_status Conversations::enter(MessagePort& port, const char* what, const Call& call) {
  const std::shared_lock inside(port.gate_);
  if (!port.open_) return PICKET_CANCELLED;
  const CallScope scope(&port, CallKind::none);
  picket_status status = PICKET_FAILED;
  guarded([&] { status = call(); }, [&](const char* thrown) { port.parts_.report(what, thrown); });
  return status;
}

picket_status Conversations::call_opened(Conversation& conversation, const picket_peer& peer, picket_error* error) {
  const MessagePort::Parts& parts = conversation.port->parts_;
  const picket_status status = enter(*conversation.port, "opened", [&] {
    conversation.opened = true;
    if (parts.table.opened == nullptr) return PICKET_OK;
    return parts.table.opened(parts.plugin, conversation.id, &peer, error);
  });
  if (status != PICKET_OK) conversation.opened = false;
  return status;
}

picket_status Conversations::call_message(Conversation& conversation, picket_str message, picket_error* error) {
  const MessagePort::Parts& parts = conversation.port->parts_;
  return enter(*conversation.port, "message",
               [&] { return parts.table.message(parts.plugin, conversation.id, message, error); });
}

void Conversations::call_closed(const Ref& conversation) {
  const MessagePort::Parts& parts = conversation->port->parts_;
  const auto call = [conversation] {
    const MessagePort::Parts& of = conversation->port->parts_;
    enter(*conversation->port, "closed", [&] {
      if (conversation->opened.exchange(false) && of.table.closed != nullptr) {
        of.table.closed(of.plugin, conversation->id);
      }
      return PICKET_OK;
    });
  };
  if (parts.lane) {
    parts.lane->post(call);
  } else {
    call();
  }
}

void Conversations::add(const std::shared_ptr<MessagePort>& port) {
  const std::scoped_lock lock(mutex_);
  ports_[port->parts_.instance] = port;
}

void Conversations::drain_port(const std::shared_ptr<MessagePort>& port, std::function<void()> done) {
  std::vector<Ref> mine;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = ports_.find(port->parts_.instance);
    if (found != ports_.end() && found->second == port) ports_.erase(found);
    port->draining_ = true;
    if (port->conversations_ > 0) {
      for (const auto& [id, conversation] : open_) {
        if (conversation->port == port) mine.push_back(conversation);
      }
      // Whoever comes first, the last close or the end of patience, takes it.
      port->when_empty_ = std::exchange(done, nullptr);
    }
  }
  if (done) return done();
  executor_->call_at(executor_->clock().monotonic_ns() + kPatience, [this, port] {
    std::function<void()> over;
    {
      const std::scoped_lock lock(mutex_);
      over = std::exchange(port->when_empty_, nullptr);
    }
    if (over) over();
  });
  for (const Ref& conversation : mine) {
    const std::scoped_lock lock(conversation->mutex);
    if (conversation->served && conversation->events.draining != nullptr) {
      conversation->events.draining(conversation->context);
    }
  }
}

void Conversations::close_port(const std::shared_ptr<MessagePort>& port) {
  std::vector<Ref> mine;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = ports_.find(port->parts_.instance);
    if (found != ports_.end() && found->second == port) ports_.erase(found);
    for (const auto& [id, conversation] : open_) {
      if (conversation->port == port) mine.push_back(conversation);
    }
  }
  for (const Ref& conversation : mine) {
    tell_ended(*conversation, PICKET_CANCELLED, "'" + port->parts_.instance + "' has stopped");
    // Not by the lane: the instance stops, and what is posted there comes too late.
    const MessagePort::Parts& parts = port->parts_;
    enter(*port, "closed", [&] {
      if (conversation->opened.exchange(false) && parts.table.closed != nullptr) {
        parts.table.closed(parts.plugin, conversation->id);
      }
      return PICKET_OK;
    });
  }
  const std::scoped_lock outside(port->gate_);  // waits for who is inside
  port->open_ = false;
}

// --- the server's side ---------------------------------------------------------------------------------------------

picket_conversation Conversations::open(const void* server, const std::string& server_name, const std::string& instance,
                                        picket_peer peer, const picket_conversation_events& events, void* context,
                                        picket_error* error) {
  const auto conversation = std::make_shared<Conversation>();
  {
    const std::scoped_lock lock(mutex_);
    const auto found = ports_.find(instance);
    if (found == ports_.end() || found->second->draining_) {
      set_error(error, PICKET_NOT_FOUND,
                "'" + instance + "' answers no messages: it is not running, or its type is no message handler");
      return 0;
    }
    if (open_.size() >= kMaxOpen) {
      set_error(error, PICKET_LIMIT, "a million conversations are open already");
      return 0;
    }
    conversation->id = next_++;
    conversation->port = found->second;
    conversation->server = server;
    conversation->events = events;
    conversation->context = context;
    ++conversation->port->conversations_;
    open_.emplace(conversation->id, conversation);
  }
  peer.size = sizeof peer;
  peer.server = text(server_name);
  MessagePort& port = *conversation->port;
  if (port.parts_.lane) {
    port.parts_.lane->post([conversation, peer, user = std::string(view(peer.user)), server_name]() mutable {
      peer.user = text(user);
      peer.server = text(server_name);
      picket_error refusal{};
      const picket_status status = call_opened(*conversation, peer, &refusal);
      if (status != PICKET_OK) tell_ended(*conversation, status, text_of_error(refusal));
    });
    return conversation->id;
  }
  const picket_status status = call_opened(*conversation, peer, error);
  if (status == PICKET_OK) return conversation->id;
  if (status == PICKET_CANCELLED) set_error(error, status, "'" + instance + "' is stopping");
  {
    const std::scoped_lock lock(conversation->mutex);
    conversation->served = false;
  }
  take(conversation->id);
  return 0;
}

picket_status Conversations::send(picket_conversation id, picket_str message, picket_error* error) {
  const Ref conversation = find(id);
  if (!conversation) return PICKET_CANCELLED;
  const auto& lane = conversation->port->parts_.lane;
  if (!lane) return call_message(*conversation, message, error);
  lane->post([conversation, copy = std::string(view(message))] {
    if (!conversation->opened) return;  // it was turned away
    picket_error problem{};
    const picket_status status = call_message(*conversation, text(copy), &problem);
    if (status != PICKET_OK) tell_ended(*conversation, status, text_of_error(problem));
  });
  return PICKET_OK;
}

void Conversations::close(picket_conversation id) {
  const Ref conversation = find(id);
  if (!conversation) return;
  {
    const std::scoped_lock lock(conversation->mutex);
    conversation->served = false;
  }
  call_closed(conversation);
  take(id);
}

void Conversations::forget_server(const void* server) {
  std::vector<picket_conversation> left;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [id, conversation] : open_) {
      if (conversation->server == server) left.push_back(id);
    }
  }
  for (const picket_conversation id : left) close(id);
}

// --- from the handler to the server --------------------------------------------------------------------------------

picket_status Conversations::reply(picket_conversation id, picket_str message) {
  const Ref conversation = find(id);
  if (!conversation) return PICKET_CANCELLED;
  const std::scoped_lock lock(conversation->mutex);
  if (!conversation->served) return PICKET_CANCELLED;
  return conversation->events.reply(conversation->context, message);
}

void Conversations::end(picket_conversation id) {
  if (const Ref conversation = find(id)) tell_ended(*conversation, PICKET_OK, {});
}

void Conversations::tell_ended(Conversation& conversation, picket_status status, const std::string& reason) {
  const std::scoped_lock lock(conversation.mutex);
  if (conversation.served && conversation.events.ended != nullptr) {
    conversation.events.ended(conversation.context, status, text(reason));
  }
}

Conversations::Ref Conversations::find(picket_conversation id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = open_.find(id);
  return found == open_.end() ? nullptr : found->second;
}

Conversations::Ref Conversations::take(picket_conversation id) {
  std::function<void()> over;
  Ref conversation;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = open_.find(id);
    if (found == open_.end()) return nullptr;
    conversation = std::move(found->second);
    open_.erase(found);
    if (--conversation->port->conversations_ == 0) over = std::exchange(conversation->port->when_empty_, nullptr);
  }
  if (over) over();
  return conversation;
}

}  // namespace picket::plugin_host

// SPDX-License-Identifier: Apache-2.0
//
// Conversations between an instance that has clients (the server) and one that answers their messages (the handler):
// finds the handler by name, carries messages and replies, and keeps each side from calling into the other once that
// one stops. A call costs one look-up and two locks that nobody else holds: an answer is a matter of microseconds.
//
// Thread-safe. Locks are taken in this order: a Handler's gate, a conversation's mutex, this object's mutex.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "picket/ext/message_handler.h"
#include "picket/result.hpp"
#include "platform/executor.hpp"

namespace picket::plugin_host {

// One life of a plugin that handles messages, from start to stop. Made and ended by its instance.
class MessagePort {
 public:
  struct Parts {
    std::string instance;
    picket_message_handler table{};
    void* plugin = nullptr;
    std::shared_ptr<platform::Lane> lane;  // null: called on the server's thread
    // What a function threw across the boundary.
    std::function<void(const char* call, const char* what)> report;
  };
  explicit MessagePort(Parts parts) : parts_(std::move(parts)) {}

 private:
  friend class Conversations;
  const Parts parts_;
  std::shared_mutex gate_;  // shared: inside of the plugin
  bool open_ = true;        // guarded by gate_
  // The three below are guarded by the Conversations' mutex.
  bool draining_ = false;
  std::size_t conversations_ = 0;
  std::function<void()> when_empty_;
};

class Conversations {
 public:
  static constexpr std::size_t kMaxOpen = 1'000'000;
  static constexpr std::int64_t kPatience = platform::kSecond;  // for clients of a handler that stops

  explicit Conversations(std::shared_ptr<platform::Executor> executor) : executor_(std::move(executor)) {}

  void add(const std::shared_ptr<MessagePort>& port);
  // Turns new clients away, asks the servers to finish with the others, and runs `done` (on any thread, possibly in
  // here) once all are closed or `patience` is over. Then close_port.
  void drain_port(const std::shared_ptr<MessagePort>& port, std::function<void()> done);
  // Ends what is left. When it returns, no function of the plugin runs or will run.
  void close_port(const std::shared_ptr<MessagePort>& port);
  // Closes every conversation of a server that has stopped.
  void forget_server(const void* server);

  // The host's functions; see picket/ext/message_handler.h.
  picket_conversation open(const void* server, const std::string& server_name, const std::string& instance,
                           picket_peer peer, const picket_conversation_events& events, void* context,
                           picket_error* error);
  picket_status send(picket_conversation id, picket_str message, picket_error* error);
  void close(picket_conversation id);
  picket_status reply(picket_conversation id, picket_str message);
  void end(picket_conversation id);

 private:
  struct Conversation {
    picket_conversation id = 0;
    std::shared_ptr<MessagePort> port;
    const void* server = nullptr;
    std::recursive_mutex mutex;  // held while a function of `events` runs; guards the next three
    picket_conversation_events events{};
    void* context = nullptr;
    bool served = true;               // the server still listens
    std::atomic<bool> opened{false};  // the handler knows it
  };
  using Ref = std::shared_ptr<Conversation>;

  Ref find(picket_conversation id) const;
  Ref take(picket_conversation id);
  static void tell_ended(Conversation& conversation, picket_status status, const std::string& reason);
  // Runs `call` with the plugin if it is still there; else the answer is CANCELLED.
  template <typename Call>
  static picket_status enter(MessagePort& port, const char* what, const Call& call);
  static picket_status call_opened(Conversation& conversation, const picket_peer& peer, picket_error* error);
  static picket_status call_message(Conversation& conversation, picket_str message, picket_error* error);
  static void call_closed(const Ref& conversation);

  const std::shared_ptr<platform::Executor> executor_;
  mutable std::mutex mutex_;  // guards everything below
  std::map<std::string, std::shared_ptr<MessagePort>> ports_;
  std::unordered_map<picket_conversation, Ref> open_;
  picket_conversation next_ = 1;
};

}  // namespace picket::plugin_host

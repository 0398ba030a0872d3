// SPDX-License-Identifier: Apache-2.0
//
// Conversations in the fake host: with the plugin under test as the handler (the test is the client), and with the
// plugin as the server (the test is the handler). Thread-safe.
#ifndef PICKET_TESTING_CONVERSATIONS_HPP
#define PICKET_TESTING_CONVERSATIONS_HPP

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../abi_copy.hpp"
#include "../detail/failure.hpp"
#include "../detail/text.hpp"
#include "../ext/message_handler.h"

namespace picket::testing {

// What the test answers as the handler of another instance: returns the reply. Throw Failure to refuse.
using FakeHandler = std::function<std::string(std::string_view message)>;

class Conversations {
 public:
  // --- the plugin is the handler
  // --------------------------------------------------------------------------------------

  picket_conversation begin() {
    const std::lock_guard lock(mutex_);
    clients_[++last_id_] = {};
    return last_id_;
  }
  // Replies of the plugin so far, oldest first.
  std::vector<std::string> replies(picket_conversation id) const {
    const std::lock_guard lock(mutex_);
    const auto found = clients_.find(id);
    return found == clients_.end() ? std::vector<std::string>() : found->second.replies;
  }
  // The client leaves: replies are answered with CANCELLED from now on.
  void leave(picket_conversation id) {
    const std::lock_guard lock(mutex_);
    clients_[id].gone = true;
  }
  bool ended(picket_conversation id) const {
    const std::lock_guard lock(mutex_);
    const auto found = clients_.find(id);
    return found != clients_.end() && found->second.ended;
  }

  // --- the plugin is the server
  // ---------------------------------------------------------------------------------------

  // From now on there is an instance of this name that handles messages.
  void handle(const std::string &instance, FakeHandler handler) {
    const std::lock_guard lock(mutex_);
    handlers_[instance] = std::move(handler);
  }
  // Of the server's, those that are open.
  std::size_t served() const {
    const std::lock_guard lock(mutex_);
    return served_.size();
  }

  picket_conversation open(std::string_view instance, const picket_conversation_events *events, void *context,
                           picket_error *error) {
    const std::lock_guard lock(mutex_);
    const auto found = handlers_.find(std::string(instance));
    if (found == handlers_.end()) {
      detail::set_error(error, PICKET_NOT_FOUND, "no instance is called '" + std::string(instance) + "'");
      return 0;
    }
    served_[++last_id_] = {found->second, copy_table(events), context};
    return last_id_;
  }
  picket_status send(picket_conversation id, std::string_view message, picket_error *error) {
    Served served;
    {
      const std::lock_guard lock(mutex_);
      const auto found = served_.find(id);
      if (found == served_.end()) return PICKET_CANCELLED;
      served = found->second;
    }
    try {
      served.events.reply(served.context, to_str(served.handler(message)));
      return PICKET_OK;
    } catch (const Failure &failure) {
      detail::set_error(error, failure.status(), failure.what());
      return failure.status();
    }
  }
  void close(picket_conversation id) {
    const std::lock_guard lock(mutex_);
    served_.erase(id);
  }

  // --- both
  // -----------------------------------------------------------------------------------------------------------

  picket_status reply(picket_conversation id, std::string_view message) {
    const std::lock_guard lock(mutex_);
    const auto found = clients_.find(id);
    if (found == clients_.end() || found->second.gone) return PICKET_CANCELLED;
    found->second.replies.emplace_back(message);
    return PICKET_OK;
  }
  void end(picket_conversation id) {
    const std::lock_guard lock(mutex_);
    clients_[id].ended = true;
  }

 private:
  struct FakeClient {
    std::vector<std::string> replies;
    bool gone = false;
    bool ended = false;
  };
  struct Served {
    FakeHandler handler;
    picket_conversation_events events{};
    void *context = nullptr;
  };

  mutable std::mutex mutex_;  // guards all below
  std::map<picket_conversation, FakeClient> clients_;
  std::map<std::string, FakeHandler> handlers_;
  std::map<picket_conversation, Served> served_;
  picket_conversation last_id_ = 0;
};

}  // namespace picket::testing

#endif

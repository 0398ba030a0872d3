// SPDX-License-Identifier: Apache-2.0
#include "plugin_host/host_messages.hpp"

#include "picket/abi_copy.hpp"
#include "plugin_host/instance.hpp"
#include "plugin_host/text.hpp"

namespace picket::plugin_host {

struct HostMessages {
  static Instance& of(void* self) { return *static_cast<Instance*>(self); }

  static picket_status reply(void* self, picket_conversation conversation, picket_str message) PICKET_NOEXCEPT {
    return of(self).core_.conversations.reply(conversation, message);
  }
  static void end(void* self, picket_conversation conversation) PICKET_NOEXCEPT {
    of(self).core_.conversations.end(conversation);
  }
  static picket_conversation open(void* self, picket_str instance, const picket_peer* peer,
                                  const picket_conversation_events* events, void* context,
                                  picket_error* error) PICKET_NOEXCEPT {
    const picket_conversation_events wanted = copy_table(events);
    if (wanted.reply == nullptr) {
      set_error(error, PICKET_INVALID, "a conversation needs a function for replies");
      return 0;
    }
    return of(self).core_.conversations.open(&of(self), of(self).name_, std::string(view(instance)), copy_table(peer),
                                             wanted, context, error);
  }
  static picket_status send(void* self, picket_conversation conversation, picket_str message,
                            picket_error* error) PICKET_NOEXCEPT {
    return of(self).core_.conversations.send(conversation, message, error);
  }
  static void close(void* self, picket_conversation conversation) PICKET_NOEXCEPT {
    of(self).core_.conversations.close(conversation);
  }
};

const picket_host_messages& host_messages() {
  static constexpr picket_host_messages kTable = {sizeof(picket_host_messages), 0,
                                                  &HostMessages::reply,         &HostMessages::end,
                                                  &HostMessages::open,          &HostMessages::send,
                                                  &HostMessages::close};
  return kTable;
}

}  // namespace picket::plugin_host

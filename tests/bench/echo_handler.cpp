// SPDX-License-Identifier: Apache-2.0
//
// A plugin whose instance answers each message of a client with the same text: what `door_bench echo` asks. Not
// shipped.
#include <picket/plugin.hpp>
#include <string_view>

namespace {

class EchoHandler : public picket::Plugin, public picket::MessageHandler {
 public:
  EchoHandler(picket::Host host, const picket::Config& /*config*/) : Plugin(host) {}

  void message(const picket::Conversation& conversation, std::string_view text) override {
    static_cast<void>(conversation.reply(text));
  }
};

}  // namespace

PICKET_PLUGIN(EchoHandler, {.id = "echo_handler",
                            .version = "1.0.0",
                            .summary = "answers each message with itself",
                            .config_schema = R"({"type": "object", "additionalProperties": false})"});

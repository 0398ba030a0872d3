// SPDX-License-Identifier: Apache-2.0
//
// Offers commands and writes into the log what it was called with.
#include <picket/plugin.hpp>
#include <string>

namespace {

class Clerk : public picket::Plugin, public picket::Commands {
 public:
  static constexpr picket::CommandInfo kCommands[] = {
      {"note", "Writes its argument into the log", R"({"type": "object"})"},
      {"refuse", "Fails", R"({"type": "object"})"}};

  Clerk(picket::Host host, const picket::Config& /*config*/) : Plugin(host) {}

  void execute(std::string_view command, std::string_view args_json, picket::Reply&& reply) override {
    host().info("called " + std::string(command) + " " + std::string(args_json));
    if (command == "refuse") return reply.fail("told to fail");
    reply.ok(R"({"noted":true})");
  }
};

}  // namespace

PICKET_PLUGIN(Clerk, {.id = "clerk",
                      .version = "1",
                      .summary = "takes notes",
                      .config_schema = R"({"type": "object", "additionalProperties": false})"});

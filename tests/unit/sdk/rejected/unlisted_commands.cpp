// SPDX-License-Identifier: Apache-2.0
#include <picket/plugin.hpp>

class Mistake : public picket::Plugin, public picket::Commands {
 public:
  Mistake(picket::Host host, const picket::Config&) : Plugin(host) {}
  void execute(std::string_view, std::string_view, picket::Reply&& reply) override { reply.ok(); }
};

PICKET_PLUGIN(Mistake, {.id = "mistake", .version = "1", .summary = "does not compile", .config_schema = "{}"});

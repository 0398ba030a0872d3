// SPDX-License-Identifier: Apache-2.0
#include <picket/plugin.hpp>

class Mistake : public picket::Plugin, public picket::Source {
 public:
  Mistake(picket::Host host, const picket::Config&) : Plugin(host) {}
  void acknowledged(std::uint32_t token, picket_status status) override;
};

PICKET_PLUGIN(Mistake, {.id = "mistake", .version = "1", .summary = "does not compile", .config_schema = "{}"});

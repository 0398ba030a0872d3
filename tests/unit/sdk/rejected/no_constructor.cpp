// SPDX-License-Identifier: Apache-2.0
#include <picket/plugin.hpp>

class Mistake : public picket::Plugin {
 public:
  explicit Mistake(picket::Host host) : Plugin(host) {}
};

PICKET_PLUGIN(Mistake, {.id = "mistake", .version = "1", .summary = "does not compile", .config_schema = "{}"});

// SPDX-License-Identifier: Apache-2.0
//
// What the library exports. Apart from the class, so that tests link the class without exporting anything.
#include "pipe_server.hpp"
#include "schema.hpp"

PICKET_PLUGIN(picket::pipe_server::PipeServer,
              {.id = "pipe_server",
               .version = "0.1.0",
               .summary = "Lets the programs of this machine talk to Picket over local sockets.",
               .config_schema = picket::pipe_server::kSchema});

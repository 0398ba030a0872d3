// SPDX-License-Identifier: Apache-2.0
//
// What the library exports. Apart from the class, so that tests link the class without exporting anything. Its calls
// may block: it reads environment files, and /proc.
#include "process_supervisor.hpp"
#include "schema.hpp"

PICKET_PLUGIN(picket::process_supervisor::ProcessSupervisor,
              {.id = "process_supervisor",
               .version = "0.1.0",
               .summary = "Keeps programs running, and says what became of them.",
               .config_schema = picket::process_supervisor::kSchema,
               .blocks = true});

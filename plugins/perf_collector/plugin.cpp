// SPDX-License-Identifier: Apache-2.0
//
// What the library exports. Apart from the class, so that tests link the class without exporting anything.
#include "perf_collector.hpp"
#include "schema.hpp"

PICKET_PLUGIN(picket::perf_collector::PerfCollector, {.id = "perf_collector",
                                                      .version = "0.1.0",
                                                      .summary = "Collects the machine's performance as metrics.",
                                                      .config_schema = picket::perf_collector::kSchema});

// SPDX-License-Identifier: Apache-2.0
//
// What the library exports. Apart from the class, so that tests link the class without exporting anything.
#include "perf_database.hpp"

namespace {

// The description is a constant, so the schema is linked by address.
using picket::perf_database::kSettingsSchema;

}  // namespace

PICKET_PLUGIN(picket::perf_database::PerfDatabase, {.id = "perf_database",
                                                    .version = "0.1.0",
                                                    .summary = "Keeps years of performance history in a database.",
                                                    .config_schema = kSettingsSchema,
                                                    .blocks = true});

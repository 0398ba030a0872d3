/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin in C whose create() always fails with a sentence, for start_test.cpp.
 */
#include <picket/plugin.h>
#include <stdio.h>

static picket_status create(const picket_host* host, const picket_config* config, picket_plugin* plugin,
                            picket_error* error) {
  (void)host, (void)config, (void)plugin;
  error->code = PICKET_REFUSED;
  snprintf(error->message, sizeof error->message, "the sensor is not plugged in");
  return PICKET_REFUSED;
}

static const picket_plugin_type type = {.size = sizeof type,
                                        .abi_major = PICKET_ABI_MAJOR,
                                        .abi_minor = PICKET_ABI_MINOR,
                                        .id = "refusing",
                                        .version = "1",
                                        .summary = "never works",
                                        .config_schema = "{}",
                                        .create = create};

PICKET_EXPORT const picket_plugin_type* picket_plugin_v1(void);
const picket_plugin_type* picket_plugin_v1(void) {
  return &type;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin of another version of the ABI than the daemon's, loaded by start_test.cpp: CMake builds it once as one of
 * the next major (OTHER_MAJOR) and once as one that needs a later minor. The daemon must not go further than the type.
 */
#include <picket/plugin.h>
#include <stdlib.h>

#ifdef OTHER_MAJOR
#define ID "other_major"
#define MAJOR (PICKET_ABI_MAJOR + 1u)
#define MINOR 0u
#else
#define ID "later_minor"
#define MAJOR PICKET_ABI_MAJOR
#define MINOR (PICKET_ABI_MINOR + 99u)
#endif

static picket_status create(const picket_host* host, const picket_config* config, picket_plugin* plugin,
                            picket_error* error) {
  (void)host, (void)config, (void)plugin, (void)error;
  abort();
}

static const picket_plugin_type type = {.size = sizeof type,
                                        .abi_major = MAJOR,
                                        .abi_minor = MINOR,
                                        .min_host_minor = MINOR,
                                        .id = ID,
                                        .version = "1",
                                        .summary = "of another version of the ABI",
                                        .config_schema = "{}",
                                        .create = create};

PICKET_EXPORT const picket_plugin_type* picket_plugin_v1(void);
const picket_plugin_type* picket_plugin_v1(void) {
  return &type;
}

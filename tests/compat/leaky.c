/* SPDX-License-Identifier: Apache-2.0
 *
 * A library that was not built with picket_add_plugin: it has the plugin's symbol and one more.
 */
#include <picket/plugin.h>

PICKET_EXPORT const picket_plugin_type* picket_plugin_v1(void);
PICKET_EXPORT const picket_plugin_type* picket_plugin_v1(void) {
  return NULL;
}

PICKET_EXPORT int second(void);
PICKET_EXPORT int second(void) {
  return 2;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * A good library that is no plugin, loaded by start_test.cpp.
 */
#include <picket/base.h>

PICKET_EXPORT int no_plugin_at_all(void);
int no_plugin_at_all(void) {
  return 1;
}

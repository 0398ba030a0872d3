/* SPDX-License-Identifier: Apache-2.0
 *
 * picket.reload/1 (plugin side): this instance can take new settings without a restart.
 */
#ifndef PICKET_EXT_RELOAD_H
#define PICKET_EXT_RELOAD_H

#include "../plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PICKET_EXT_RELOAD "picket.reload/1"

typedef struct picket_reload {
  uint32_t size;
  uint32_t reserved;
  /* [control] OK: the new settings are in force. UNSUPPORTED: this change needs a restart, which the host then does.
   * Any other failure: nothing changed, `error` says why, and the host restarts the instance with the new settings. */
  picket_status (*apply)(void *self, const picket_config *config, picket_error *error);
} picket_reload;

#ifdef __cplusplus
}
#endif
#endif

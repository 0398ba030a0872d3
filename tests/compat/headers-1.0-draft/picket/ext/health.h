/* SPDX-License-Identifier: Apache-2.0
 *
 * picket.health/1 (plugin side): how an instance is, for `picket status` and the service manager.
 */
#ifndef PICKET_EXT_HEALTH_H
#define PICKET_EXT_HEALTH_H

#include "../base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PICKET_EXT_HEALTH "picket.health/1"

#define PICKET_HEALTH_GOOD 0u
#define PICKET_HEALTH_DEGRADED 1u /* works, but the operator should know why not fully */
#define PICKET_HEALTH_BAD 2u      /* does not do its work */

typedef struct picket_health {
  uint32_t size;
  uint32_t state;    /* PICKET_HEALTH_... */
  char message[248]; /* zero-terminated UTF-8; empty when good */
} picket_health;

typedef struct picket_health_check {
  uint32_t size;
  uint32_t reserved;
  /* [control] Prompt. `health->size` is set by the caller; nothing beyond it is written. */
  void (*check)(void *self, picket_health *health);
} picket_health_check;

#ifdef __cplusplus
}
#endif
#endif

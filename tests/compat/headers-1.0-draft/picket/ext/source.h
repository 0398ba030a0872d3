/* SPDX-License-Identifier: Apache-2.0
 *
 * picket.source/1 (plugin side): this instance wants to hear what became of what it emitted. Optional: an instance
 * that emits without tokens and drops on BUSY needs no table.
 */
#ifndef PICKET_EXT_SOURCE_H
#define PICKET_EXT_SOURCE_H

#include "../batch.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PICKET_EXT_SOURCE "picket.source/1"

typedef struct picket_source {
  uint32_t size;
  uint32_t reserved;
  /* [control] After emit answered BUSY on `port`: there is room again. Another BUSY may still follow. May be null. */
  void (*on_ready)(void *self, picket_name port);
  /* [control] Exactly once for each emit that answered OK with a token, unless the instance stops before. PICKET_OK:
   * every event was delivered or filtered out on every destination of every route (subscriptions are no routes);
   * PICKET_DROPPED: some destination dropped some event; PICKET_REFUSED: some sink refused some event for good (and
   * none was dropped). An instance never hears of what an earlier life of it emitted. May be null. */
  void (*acknowledged)(void *self, uint64_t token, picket_status status);
} picket_source;

#ifdef __cplusplus
}
#endif
#endif

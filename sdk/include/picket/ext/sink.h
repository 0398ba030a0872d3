/* SPDX-License-Identifier: Apache-2.0
 *
 * picket.sink/1 (plugin side): this instance consumes batches.
 */
#ifndef PICKET_EXT_SINK_H
#define PICKET_EXT_SINK_H

#include "../batch.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PICKET_EXT_SINK "picket.sink/1"

#define PICKET_DELIVERY_AGAIN 1u /* offered before; some events of it may have been handled already */

/* One offer of some events of one batch. It and everything behind it stay valid until the delivery is finished: consume
 * returns something other than PENDING, or done() is called. */
typedef struct picket_delivery {
  uint32_t size;
  uint32_t flags;            /* PICKET_DELIVERY_... */
  uint64_t ticket;           /* for picket_host.done */
  const picket_batch *batch; /* read-only */
  const uint32_t *selection; /* indices into batch->events, ascending; null: all of them */
  uint32_t count;            /* selected events */
  picket_name route;         /* the route's name */
} picket_delivery;

typedef struct picket_sink {
  uint32_t size;
  uint32_t reserved;
  /* [deliver]
   *   PICKET_OK       all selected events are handled (durably, if this sink stores)
   *   PICKET_PENDING  kept; picket_host.done follows exactly once
   *   PICKET_BUSY     cannot take it now; nothing was kept; the route offers it again with back-off
   *   < 0             refused for good
   */
  picket_status (*consume)(void *self, const picket_delivery *delivery);
  /* [deliver] May be null. No further delivery is waiting at the moment: a good time to write what was gathered. */
  void (*idle)(void *self);
  /* [deliver] May be null. Finish what is gathered and PENDING as soon as possible: the daemon wants to stop, or an
   * operator asked for a flush. Deliveries may still follow. */
  void (*flush)(void *self);
} picket_sink;

#ifdef __cplusplus
}
#endif
#endif

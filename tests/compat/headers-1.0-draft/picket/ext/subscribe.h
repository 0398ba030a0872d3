/* SPDX-License-Identifier: Apache-2.0
 *
 * picket.subscribe/1 (host side): a route made at run time, from chosen instances to a function of this one. It never
 * slows a source down: what does not fit its bounded queue is dropped and counted.
 */
#ifndef PICKET_EXT_SUBSCRIBE_H
#define PICKET_EXT_SUBSCRIBE_H

#include "../batch.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PICKET_EXT_SUBSCRIBE "picket.subscribe/1"

typedef struct picket_subscription_spec {
  uint32_t size;
  uint32_t events;   /* queue limit; 0: 10,000 */
  uint64_t bytes;    /* queue limit; 0: 16 MiB */
  picket_str from;   /* instance names separated by commas; empty: every instance */
  picket_str filter; /* an expression as in `where`; empty: everything */
} picket_subscription_spec;

/* [deliver] `lost`: how many events were dropped just before this delivery because the queue was full. The batch is
 * valid during the call; retain it to keep it. */
typedef void (*picket_subscription_fn)(void *context, const picket_batch *batch, const uint32_t *selection,
                                       uint32_t count, uint64_t lost);

typedef struct picket_subscribe {
  uint32_t size;
  uint32_t reserved;
  /* [any] Returns the subscription's id, or 0 with `error` (a filter that does not compile, an unknown instance, more
   * than 1,024 subscriptions). */
  uint64_t (*subscribe)(void *self, const picket_subscription_spec *spec, picket_subscription_fn fn, void *context,
                        picket_error *error);
  /* [any] When it returns, `fn` is not running and will not run again. Not from within `fn`. */
  void (*unsubscribe)(void *self, uint64_t id);
} picket_subscribe;

#ifdef __cplusplus
}
#endif
#endif

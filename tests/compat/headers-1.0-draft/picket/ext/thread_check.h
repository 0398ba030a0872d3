/* SPDX-License-Identifier: Apache-2.0
 *
 * picket.thread-check/1 (host side): which kind of call runs on this thread. For assertions, not for logic.
 */
#ifndef PICKET_EXT_THREAD_CHECK_H
#define PICKET_EXT_THREAD_CHECK_H

#include "../base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PICKET_EXT_THREAD_CHECK "picket.thread-check/1"

typedef struct picket_thread_check {
  uint32_t size;
  uint32_t reserved;
  /* [any] Non-zero if this thread is inside a [control] call of this instance. */
  uint32_t (*in_control)(void *self);
  /* [any] Non-zero if this thread is inside a [deliver] call of this instance. */
  uint32_t (*in_deliver)(void *self);
} picket_thread_check;

#ifdef __cplusplus
}
#endif
#endif

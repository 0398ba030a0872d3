/* SPDX-License-Identifier: Apache-2.0
 *
 * picket.state/1 (host side): a private durable directory per instance, and a small key-value state in it.
 */
#ifndef PICKET_EXT_STATE_H
#define PICKET_EXT_STATE_H

#include "../base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PICKET_EXT_STATE "picket.state/1"

typedef struct picket_state {
  uint32_t size;
  uint32_t reserved;
  /* [any] The daemon's state directory, absolute: what relative paths in settings are relative to. Host's life. */
  picket_str (*root)(void *self);
  /* [any] This instance's own directory, absolute, made at the first call; empty, with `error`, when it cannot be
   * made. Host's life. */
  picket_str (*directory)(void *self, picket_error *error);
  /* [any] Durable when it returns OK: written aside, synced, renamed. `key`: 1..64 characters of [a-z0-9._-], first a
   * letter; `value` <= 1 MiB. */
  picket_status (*put)(void *self, picket_str key, picket_str value, picket_error *error);
  /* [any] Copies up to `capacity` bytes of the value and sets `length` to its whole length; NOT_FOUND when unset. */
  picket_status (*get)(void *self, picket_str key, char *buffer, uint64_t capacity, uint64_t *length,
                       picket_error *error);
  /* [any] OK also when there was nothing. */
  picket_status (*remove)(void *self, picket_str key, picket_error *error);
} picket_state;

#ifdef __cplusplus
}
#endif
#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * The smallest daemon there can be, in plain C, always built with the kept headers. No type of the ABI is named here,
 * so that a test built with today's headers can use it.
 */
#ifndef PICKET_COMPAT_MINI_HOST_H
#define PICKET_COMPAT_MINI_HOST_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mini_host_wish {
  unsigned abi_major, abi_minor; /* what it says of itself */
  unsigned missing;              /* how many functions at the end of picket_host it does not have */
  unsigned ticks;                /* how often each timer runs */
} mini_host_wish;

typedef struct mini_host_seen {
  int create_status, start_status; /* of the plugin */
  unsigned emitted;                /* events */
  unsigned batches, timers;        /* held at the end, after destroy: 0 when the plugin lost none */
  char message[512];               /* the error of create or start */
} mini_host_seen;

/* Creates one instance of the plugin type (a const picket_plugin_type *) with empty settings, starts it, runs its
 * timers, stops and destroys it. There are no extensions. */
void mini_host_run(const void* plugin_type, const mini_host_wish* wish, mini_host_seen* seen);

#ifdef __cplusplus
}
#endif
#endif

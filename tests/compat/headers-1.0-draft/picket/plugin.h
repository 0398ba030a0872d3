/* SPDX-License-Identifier: Apache-2.0
 *
 * What a plugin library exports: one function, picket_plugin_v1, that returns static data.
 *
 * Life of an instance, all [control]:
 *   create -> start -> (running) -> stop -> destroy
 * A stopped instance is destroyed, never started again. `create` may be followed by `destroy` without `start`
 * (`picket validate`, `picket query`): it must not touch the outside world beyond what its settings need.
 */
#ifndef PICKET_PLUGIN_H
#define PICKET_PLUGIN_H

#include "host.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The settings of one instance: merged, substituted, defaulted and checked against the plugin's schema by the daemon.
 * Durations are integer nanoseconds, sizes are integer bytes. Valid during the call that received it. */
typedef struct picket_config {
  uint32_t size;
  uint32_t reserved;
  void *self;
  /* The whole of it as canonical JSON text (one object). */
  picket_str (*json)(void *self);
  /* One scalar by JSON pointer ("/interval"). On success fills `value` (value.ref is not used; texts come through
   * `text`, valid as long as the config). NOT_FOUND if nothing is there, INVALID if it is no scalar of `type`;
   * PICKET_TYPE_DOUBLE also accepts integers. */
  picket_status (*get)(void *self, picket_str pointer, picket_type type, picket_field *value, picket_str *text);
} picket_config;

/* One instance, owned by the plugin; the host copies the table. */
typedef struct picket_plugin {
  uint32_t size;
  uint32_t flags; /* 0 */
  void *self;
  /* [control] Begin. An error makes the instance `failed`; it is destroyed and created again after a back-off. */
  picket_status (*start)(void *self, picket_error *error);
  /* [control] Prompt and idempotent. When it returns, nothing of this instance emits, and no thread of it runs. A
   * [deliver] call may be running meanwhile, and some may still follow until `destroy` (the rest of a round that had
   * begun): answer BUSY, and the events are kept for the next life. */
  void (*stop)(void *self);
  /* [control] Last call; no other call runs or follows. */
  void (*destroy)(void *self);
  /* [any] The plugin's extension table for `id`: static, pure, null when unknown. May be null itself. */
  const void *(*extension)(void *self, const char *id);
} picket_plugin;

/* Every call into an instance of this type may block: the host gives each instance threads of its own. */
#define PICKET_PLUGIN_BLOCKS 1u

/* Static data of a plugin library. The texts are zero-terminated UTF-8. */
typedef struct picket_plugin_type {
  uint32_t size;
  uint16_t abi_major, abi_minor; /* built against */
  uint16_t min_host_minor;       /* refuses to run in a daemon with a lower minor */
  uint16_t reserved;             /* 0 */
  uint32_t flags;                /* PICKET_PLUGIN_... */
  const char *id;                /* equals the file name: libperf_collector.so -> "perf_collector" */
  const char *version;           /* of the plugin, free text */
  const char *summary;           /* one line */
  const char *config_schema;     /* JSON Schema draft-07 of an instance's settings, an object; see sdk/README.md for
                                    the formats "duration", "bytes" and "path" */
  /* [control] Makes one instance from its settings. `host` outlives the instance, `config` does not. */
  picket_status (*create)(const picket_host *host, const picket_config *config, picket_plugin *plugin,
                          picket_error *error);
} picket_plugin_type;

/* The one exported symbol of a plugin library. */
typedef const picket_plugin_type *(*picket_plugin_v1_fn)(void);
#define PICKET_PLUGIN_SYMBOL "picket_plugin_v1"

#ifdef __cplusplus
}
#endif
#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * picket_host: what every plugin needs from the daemon. One table per instance; it stays valid until
 * picket_plugin.destroy has returned, and every function of it then answers as if the daemon had stopped.
 *
 * All else is an extension, asked for by id (see ext/).
 */
#ifndef PICKET_HOST_H
#define PICKET_HOST_H

#include "batch.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a number behaves. Counters only grow (until their supplier restarts); gauges go either way. */
#define PICKET_INSTRUMENT_GAUGE 0u
#define PICKET_INSTRUMENT_COUNTER 1u
#define PICKET_INSTRUMENT_UPDOWNCOUNTER 2u

/* Describes a metric (a name on the bus), or a counter that the daemon publishes for an instance. */
typedef struct picket_metric {
  uint32_t size;
  uint32_t instrument; /* PICKET_INSTRUMENT_... */
  picket_str name;     /* "system.cpu.utilization" */
  picket_str unit;     /* UCUM: "By", "s", "1", "{packet}" */
  picket_str help;     /* one sentence */
  int32_t decimals;    /* meaningful decimal places, 0..15; -1: not known. Stores may round gauges to it. */
  uint32_t reserved;   /* 0 */
} picket_metric;

/* The phase comes from the wall clock: every 5 s means at :00, :05, :10, ... After a step of the wall clock the run
 * that is waited for still comes at its time; the next one is in the new phase, between half and one and a half periods
 * later. */
#define PICKET_TIMER_ALIGNED 1u

typedef struct picket_timer_spec {
  uint32_t size;
  uint32_t flags;    /* PICKET_TIMER_... */
  int64_t delay_ns;  /* first run after this long, >= 0; ignored with PICKET_TIMER_ALIGNED */
  int64_t period_ns; /* then every so often; 0: once */
} picket_timer_spec;

/* What a timer callback learns about its own run. */
typedef struct picket_tick {
  uint32_t size;
  uint32_t missed;      /* runs that were skipped since the last one because it was too late for them; never a burst */
  int64_t due_ns;       /* the wall-clock time that this run was due, UTC ns: the time to stamp aligned samples with */
  int64_t monotonic_ns; /* the monotonic time at which this run started */
} picket_tick;

typedef uint64_t picket_timer;                                           /* 0: none */
typedef void (*picket_timer_fn)(void *context, const picket_tick *tick); /* [control] */

typedef struct picket_host {
  uint32_t size;
  uint16_t abi_major, abi_minor; /* of the daemon */
  void *self;                    /* first argument of every function */

  /* --- logging ----------------------------------------------------------------------------------------------- */

  /* [any] Non-zero if messages of `level` are written at all. Ask before building an expensive message. */
  uint32_t (*log_enabled)(void *self, uint32_t level);
  /* [any] Writes one message; the daemon adds time and instance. `file` (static, zero-terminated, may be null) and
   * `line` identify the call site, which is rate-limited with a count of what was suppressed. */
  void (*log)(void *self, uint32_t level, picket_str message, const char *file, uint32_t line);

  /* --- names ------------------------------------------------------------------------------------------------- */

  /* [any] Interns a text of a closed vocabulary (kinds, keys, ports). 0 when the table is full (65,536 names by
   * default) or the text is longer than 255 bytes. Never pass text that an outside peer chose. */
  picket_name (*intern)(void *self, picket_str text);
  /* [any] The text of a name, valid for the process's life; empty for 0 and for ids that were never given out. */
  picket_str (*text)(void *self, picket_name name);

  /* --- batches ----------------------------------------------------------------------------------------------- */

  /* [any] A new batch with at least these capacities, one reference held by the caller; null when a capacity is over
   * the limit (65,536 events; 1,048,576 fields; 64 MiB of bytes) or memory is short. */
  picket_batch *(*batch_new)(void *self, uint32_t events, uint32_t fields, uint32_t bytes);
  /* [any] */
  void (*batch_retain)(void *self, const picket_batch *batch);
  /* [any] Gives one reference back. Also how a producer discards a batch that it did not emit. */
  void (*batch_release)(void *self, const picket_batch *batch);

  /* --- flow -------------------------------------------------------------------------------------------------- */

  /* [any] Offers a batch to every route from this instance (and `port`; 0 is the default port).
   *   PICKET_OK     taken by every queue; the caller's reference went to the host
   *   PICKET_BUSY   taken by none because a queue with `on_full: block` is full; still the caller's. on_ready
   *                 (ext/source.h) follows when there is room
   *   < 0           not taken (INVALID: the batch is malformed; CANCELLED: the instance is stopped); still the
   *                 caller's
   * `token`, when not 0, is answered exactly once through picket_source.acknowledged. Tokens of one instance must be
   * unique among those not yet answered. */
  picket_status (*emit)(void *self, picket_name port, picket_batch *batch, uint64_t token);
  /* [any] Finishes a delivery that consume() answered PENDING (also allowed while consume still runs). `status`:
   *   PICKET_OK    every event of the selection was handled, but those listed in `refused`
   *   PICKET_BUSY  nothing was handled: the route offers it again later
   *   < 0          every event is refused for good
   * `refused` holds `refused_count` positions within the delivery's selection (0-based, ascending). Unknown and
   * already finished tickets are ignored. */
  void (*done)(void *self, uint64_t ticket, picket_status status, const uint32_t *refused, uint32_t refused_count);

  /* --- time -------------------------------------------------------------------------------------------------- */

  /* [any] Nanoseconds of a clock that never jumps; its zero is arbitrary. */
  int64_t (*monotonic_ns)(void *self);
  /* [any] UTC, nanoseconds since 1970. May jump. */
  int64_t (*wall_ns)(void *self);
  /* [any] Starts a timer on monotonic time; `fn` runs as a [control] call of this instance. 0 when the instance has
   * too many timers (1,024) or is stopped. */
  picket_timer (*schedule)(void *self, const picket_timer_spec *spec, picket_timer_fn fn, void *context);
  /* [any] Stops a timer. When it returns, `fn` is not running and will not run again (except that a timer may cancel
   * itself from within `fn`, and then `fn` is still running, of course). */
  void (*cancel)(void *self, picket_timer timer);

  /* --- metrics and counters ---------------------------------------------------------------------------------- */

  /* [any] Registers what a metric name on the bus means; the first description of a name wins. Returns the interned
   * name, or 0 when the table is full. */
  picket_name (*describe_metric)(void *self, const picket_metric *metric);
  /* [any] Fills `metric` (its size set by the caller) with what was registered for `name`; NOT_FOUND if nothing was.
   * The texts stay valid for the process's life. */
  picket_status (*metric)(void *self, picket_name name, picket_metric *metric);
  /* [any] Creates a counter that the daemon publishes as `picket.instance.<name>` with the attribute `instance`.
   * Returns its id, or 0 when the instance has too many (256). Registering a name again returns the same id, and its
   * value survives a restart of the instance. */
  uint32_t (*register_counter)(void *self, const picket_metric *metric);
  /* [any] Adds to a counter; lock-free. Unknown ids are ignored. */
  void (*counter_add)(void *self, uint32_t counter, int64_t delta);
  /* [any] Sets a counter (meant for gauges). */
  void (*counter_set)(void *self, uint32_t counter, int64_t value);

  /* [any] The host's extension table for `id` (static for the host's life), or null. */
  const void *(*extension)(void *self, const char *id);
} picket_host;

#ifdef __cplusplus
}
#endif
#endif

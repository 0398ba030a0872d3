/* SPDX-License-Identifier: Apache-2.0
 *
 * picket.history/1 (plugin side): read stored history. Works on an instance that was created but not started, so that
 * `picket query` can read while a daemon runs or when none does. Readers never block the writer.
 */
#ifndef PICKET_EXT_HISTORY_H
#define PICKET_EXT_HISTORY_H

#include "../base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PICKET_EXT_HISTORY "picket.history/1"

/* One stored series. Texts are borrowed for the callback's duration. */
typedef struct picket_history_series {
  uint32_t size;
  uint32_t instrument; /* PICKET_INSTRUMENT_... (host.h) */
  uint64_t id;         /* for points(); stable within one history */
  picket_str host;
  picket_str source;
  picket_str name;
  picket_str attributes; /* JSON object, keys sorted; "{}" when there are none */
  picket_str unit;
  int32_t decimals; /* -1: not known */
  uint32_t reserved;
  int64_t first_ns, last_ns; /* UTC ns of the oldest and newest sample kept at any resolution */
} picket_history_series;

/* One value: a raw sample (count 1, all five equal) or a bucket [time_ns, time_ns + step). FROZEN. */
typedef struct picket_history_point {
  int64_t time_ns; /* UTC ns; of a bucket: its start */
  double minimum, maximum, mean, last;
  uint64_t count; /* samples behind it */
} picket_history_point;

/* Return 0 to go on, anything else to end the read early (the reading function then returns PICKET_CANCELLED). */
typedef int32_t (*picket_history_series_fn)(void *context, const picket_history_series *series);
typedef int32_t (*picket_history_points_fn)(void *context, const picket_history_point *points, uint32_t count);

/* Points of series[index]. Of one series they come ascending; those of several may come by turns. */
typedef int32_t (*picket_history_many_fn)(void *context, uint32_t index, const picket_history_point *points,
                                          uint32_t count);

typedef struct picket_history {
  uint32_t size;
  uint32_t reserved;
  /* [any] The series whose name matches the glob `name` (`*`, `?`; empty: all), in order of name, source, attributes.
   */
  picket_status (*series)(void *self, picket_str name, picket_history_series_fn fn, void *context, picket_error *error);
  /* [any] The values of one series in [from_ns, to_ns), ascending, in chunks of the store's choice. `step_ns` 0: raw
   * samples; else buckets aligned to multiples of the step since 1970, empty ones left out. Takes the coarsest tier
   * that answers exactly, and a coarser one where the finer is no longer kept. */
  picket_status (*points)(void *self, uint64_t series, int64_t from_ns, int64_t to_ns, int64_t step_ns,
                          picket_history_points_fn fn, void *context, picket_error *error);
  /* [any] As `points`, of `count` series in one pass over the files: what a question about many series asks, and many
   * times quicker than asking for one after the other. An id that does not exist has no points. */
  picket_status (*points_of)(void *self, const uint64_t *series, uint32_t count, int64_t from_ns, int64_t to_ns,
                             int64_t step_ns, picket_history_many_fn fn, void *context, picket_error *error);
} picket_history;

#ifdef __cplusplus
}
#endif
#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * See mini_host.h. One thread, no locks, and a clock that stands still but for the timers.
 */
#include "mini_host.h"

#include <picket/picket.h>
#include <stdlib.h>

#define MAX_NAMES 32
#define MAX_TIMERS 4

typedef struct mini_host {
  mini_host_seen* seen;
  char names[MAX_NAMES][64];
  unsigned name_count;
  struct {
    picket_timer_fn fn;
    void* context;
  } timers[MAX_TIMERS];
} mini_host;

static uint32_t log_enabled(void* self, uint32_t level) {
  (void)self;
  return level >= PICKET_LOG_WARNING;
}

static void log_line(void* self, uint32_t level, picket_str message, const char* file, uint32_t line) {
  (void)self, (void)level, (void)message, (void)file, (void)line;
}

static picket_name intern(void* self, picket_str text) {
  mini_host* host = self;
  unsigned i;
  if (text.length >= sizeof host->names[0]) return 0;
  for (i = 0; i < host->name_count; ++i) {
    if (strlen(host->names[i]) == text.length && memcmp(host->names[i], text.data, text.length) == 0) return i + 1;
  }
  if (host->name_count == MAX_NAMES) return 0;
  memcpy(host->names[host->name_count], text.data, text.length);
  return ++host->name_count;
}

static picket_str text_of(void* self, picket_name name) {
  mini_host* host = self;
  if (name == 0 || name > host->name_count) return picket_str_of(NULL, 0);
  return picket_str_of(host->names[name - 1], strlen(host->names[name - 1]));
}

static picket_batch* batch_new(void* self, uint32_t events, uint32_t fields, uint32_t bytes) {
  mini_host* host = self;
  picket_batch* batch = calloc(1, sizeof *batch);
  if (batch == NULL) return NULL;
  batch->size = sizeof *batch;
  batch->events = calloc(events + 1, sizeof *batch->events);
  batch->fields = calloc(fields + 1, sizeof *batch->fields);
  batch->bytes = calloc(bytes + 1, 1);
  if (batch->events == NULL || batch->fields == NULL || batch->bytes == NULL) abort();
  batch->event_capacity = events;
  batch->field_capacity = fields;
  batch->byte_capacity = bytes;
  host->seen->batches++;
  return batch;
}

static void batch_retain(void* self, const picket_batch* batch) {
  (void)self, (void)batch;
  abort(); /* nothing is delivered here, so nothing is worth keeping */
}

static void batch_release(void* self, const picket_batch* batch) {
  mini_host* host = self;
  free(batch->events);
  free(batch->fields);
  free(batch->bytes);
  free((void*)batch);
  host->seen->batches--;
}

static picket_status emit(void* self, picket_name port, picket_batch* batch, uint64_t token) {
  mini_host* host = self;
  (void)port, (void)token;
  host->seen->emitted += batch->event_count;
  batch_release(self, batch);
  return PICKET_OK;
}

static void done(void* self, uint64_t ticket, picket_status status, const uint32_t* refused, uint32_t count) {
  (void)self, (void)ticket, (void)status, (void)refused, (void)count;
}

static int64_t clock_ns(void* self) {
  (void)self;
  return 1700000000000000000;
}

static picket_timer schedule(void* self, const picket_timer_spec* spec, picket_timer_fn fn, void* context) {
  mini_host* host = self;
  unsigned i;
  (void)spec;
  for (i = 0; i < MAX_TIMERS; ++i) {
    if (host->timers[i].fn != NULL) continue;
    host->timers[i].fn = fn;
    host->timers[i].context = context;
    host->seen->timers++;
    return i + 1;
  }
  return 0;
}

static void cancel(void* self, picket_timer timer) {
  mini_host* host = self;
  if (timer == 0 || timer > MAX_TIMERS || host->timers[timer - 1].fn == NULL) return;
  host->timers[timer - 1].fn = NULL;
  host->seen->timers--;
}

static picket_name describe_metric(void* self, const picket_metric* metric) {
  return intern(self, metric->name);
}

static picket_status metric(void* self, picket_name name, picket_metric* out) {
  (void)self, (void)name, (void)out;
  return PICKET_NOT_FOUND;
}

static uint32_t register_counter(void* self, const picket_metric* description) {
  (void)self, (void)description;
  return 1;
}

static void counter_change(void* self, uint32_t counter, int64_t value) {
  (void)self, (void)counter, (void)value;
}

static const void* extension(void* self, const char* id) {
  (void)self, (void)id;
  return NULL;
}

static picket_str config_json(void* self) {
  (void)self;
  return picket_str_of("{}", 2);
}

static picket_status config_get(void* self, picket_str pointer, picket_type type, picket_field* value,
                                picket_str* text) {
  (void)self, (void)pointer, (void)type, (void)value, (void)text;
  return PICKET_NOT_FOUND;
}

static void run_instance(mini_host* host, const picket_plugin* plugin, const mini_host_wish* wish,
                         picket_error* error) {
  unsigned tick, i;
  host->seen->start_status = plugin->start(plugin->self, error);
  for (tick = 0; tick < wish->ticks && host->seen->start_status == PICKET_OK; ++tick) {
    for (i = 0; i < MAX_TIMERS; ++i) {
      const picket_tick now = {sizeof now, 0, clock_ns(NULL), clock_ns(NULL)};
      if (host->timers[i].fn != NULL) host->timers[i].fn(host->timers[i].context, &now);
    }
  }
  plugin->stop(plugin->self);
  plugin->destroy(plugin->self);
}

void mini_host_run(const void* plugin_type, const mini_host_wish* wish, mini_host_seen* seen) {
  const picket_plugin_type* type = plugin_type;
  const picket_config config = {sizeof config, 0, NULL, config_json, config_get};
  const picket_host whole = {
      .size = (uint32_t)(sizeof whole - wish->missing * sizeof(void*)),
      .abi_major = (uint16_t)wish->abi_major,
      .abi_minor = (uint16_t)wish->abi_minor,
      .log_enabled = log_enabled,
      .log = log_line,
      .intern = intern,
      .text = text_of,
      .batch_new = batch_new,
      .batch_retain = batch_retain,
      .batch_release = batch_release,
      .emit = emit,
      .done = done,
      .monotonic_ns = clock_ns,
      .wall_ns = clock_ns,
      .schedule = schedule,
      .cancel = cancel,
      .describe_metric = describe_metric,
      .metric = metric,
      .register_counter = register_counter,
      .counter_add = counter_change,
      .counter_set = counter_change,
      .extension = extension,
  };
  mini_host* host = calloc(1, sizeof *host);
  /* Exactly as long as it says, so that a memory checker sees a plugin that reads on. */
  picket_host* table = malloc(whole.size);
  picket_plugin plugin = {.size = sizeof plugin};
  picket_error error = {0};
  if (host == NULL || table == NULL) abort();
  memset(seen, 0, sizeof *seen);
  host->seen = seen;
  memcpy(table, &whole, whole.size);
  table->self = host;
  seen->create_status = type->create(table, &config, &plugin, &error);
  if (seen->create_status == PICKET_OK) run_instance(host, &plugin, wish, &error);
  memcpy(seen->message, error.message, sizeof error.message);
  free(table);
  free(host);
}

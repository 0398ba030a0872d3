/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin in plain C, always built with the kept headers: what an author compiled when they were current. It echoes
 * each delivery as an event that says how many it held, and has one command. tests/compat loads it in today's host.
 */
#include <picket/picket.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct old_plugin {
  const picket_host* host;
  picket_name kind, count;
  int64_t offset;
  int64_t answered;
  int64_t started;
  picket_timer timer;
} old_plugin;

static void emit_count(old_plugin* self, int64_t count) {
  const picket_host* host = self->host;
  picket_batch* batch = host->batch_new(host->self, 1, 1, 0);
  if (batch == NULL) return;
  picket_batch_event(batch, self->kind);
  picket_batch_int(batch, self->count, count + self->offset);
  if (host->emit(host->self, 0, batch, 77) != PICKET_OK) host->batch_release(host->self, batch);
}

static void on_timer(void* context, const picket_tick* tick) {
  emit_count(context, tick->missed);
}

static picket_status start(void* self, picket_error* error) {
  old_plugin* plugin = self;
  picket_timer_spec spec = {sizeof spec, 0, 1000000000, 1000000000};
  plugin->timer = plugin->host->schedule(plugin->host->self, &spec, on_timer, plugin);
  plugin->started = 1;
  if (plugin->timer != 0) return PICKET_OK;
  error->code = PICKET_LIMIT;
  snprintf(error->message, sizeof error->message, "no timer");
  return PICKET_LIMIT;
}

static void stop(void* self) {
  old_plugin* plugin = self;
  if (plugin->started) plugin->host->cancel(plugin->host->self, plugin->timer);
}

static void destroy(void* self) {
  free(self);
}

static picket_status consume(void* self, const picket_delivery* delivery) {
  emit_count(self, delivery->count);
  return PICKET_OK;
}
static const picket_sink kSink = {.size = sizeof(picket_sink), .consume = consume};

static void acknowledged(void* self, uint64_t token, picket_status status) {
  old_plugin* plugin = self;
  if (token == 77 && status == PICKET_OK) plugin->answered++;
}
static const picket_source kSource = {.size = sizeof(picket_source), .acknowledged = acknowledged};

static const picket_command kAnswered = {sizeof kAnswered, PICKET_COMMAND_READ_ONLY, "answered", "acknowledgements",
                                         NULL};
static const picket_command* const kList[] = {&kAnswered};

static picket_status execute(void* self, uint32_t index, picket_str args, picket_call call, picket_error* error) {
  old_plugin* plugin = self;
  char text[32];
  const picket_host_commands* commands = plugin->host->extension(plugin->host->self, PICKET_EXT_COMMANDS);
  (void)args;
  if (index != 0 || commands == NULL) {
    error->code = PICKET_UNSUPPORTED;
    snprintf(error->message, sizeof error->message, "cannot answer");
    return PICKET_UNSUPPORTED;
  }
  snprintf(text, sizeof text, "%lld", (long long)plugin->answered);
  commands->reply(plugin->host->self, call, PICKET_OK, picket_str_of(text, strlen(text)));
  return PICKET_OK;
}
static const picket_commands kCommands = {
    .size = sizeof(picket_commands), .count = 1, .list = kList, .execute = execute};

static const void* extension(void* self, const char* id) {
  (void)self;
  if (strcmp(id, PICKET_EXT_SINK) == 0) return &kSink;
  if (strcmp(id, PICKET_EXT_SOURCE) == 0) return &kSource;
  if (strcmp(id, PICKET_EXT_COMMANDS) == 0) return &kCommands;
  return NULL;
}

static picket_status create(const picket_host* host, const picket_config* config, picket_plugin* plugin,
                            picket_error* error) {
  static const char kPointer[] = "/offset";
  picket_field offset;
  picket_str unused;
  old_plugin* self = calloc(1, sizeof *self);
  if (self == NULL) {
    error->code = PICKET_LIMIT;
    snprintf(error->message, sizeof error->message, "out of memory");
    return PICKET_LIMIT;
  }
  self->host = host;
  self->kind = host->intern(host->self, picket_str_of("echo", 4));
  self->count = host->intern(host->self, picket_str_of("count", 5));
  if (config->get(config->self, picket_str_of(kPointer, sizeof kPointer - 1), PICKET_TYPE_INT, &offset, &unused) ==
      PICKET_OK) {
    self->offset = offset.value.i;
  }
  *plugin = (picket_plugin){sizeof *plugin, 0, self, start, stop, destroy, extension};
  return PICKET_OK;
}

static const picket_plugin_type kType = {
    .size = sizeof(picket_plugin_type),
    .abi_major = PICKET_ABI_MAJOR,
    .abi_minor = PICKET_ABI_MINOR,
    .id = "old_plugin",
    .version = "1",
    .summary = "what was built when the kept headers were current",
    .config_schema = "{\"type\": \"object\"}",
    .create = create,
};

PICKET_EXPORT const picket_plugin_type* picket_plugin_v1(void);
PICKET_EXPORT const picket_plugin_type* picket_plugin_v1(void) {
  return &kType;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Events and batches: flat, row-wise, offset-based records in one block that the host allocates.
 *
 * A producer asks the host for a batch (picket_host.batch_new), fills it with the inline functions below (no call into
 * the host per field), and emits it. From then on it is immutable and reference-counted; fan-out is a count. Records
 * are FROZEN: a new fact about an event is a new field, never a new member.
 */
#ifndef PICKET_BATCH_H
#define PICKET_BATCH_H

#include "base.h"

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Severity of an event, in the order of the OpenTelemetry severity numbers' short names. 0 is "not given". */
#define PICKET_SEVERITY_NONE 0u
#define PICKET_SEVERITY_TRACE 1u
#define PICKET_SEVERITY_DEBUG 2u
#define PICKET_SEVERITY_INFO 3u
#define PICKET_SEVERITY_NOTICE 4u
#define PICKET_SEVERITY_WARNING 5u
#define PICKET_SEVERITY_ERROR 6u
#define PICKET_SEVERITY_CRITICAL 7u
#define PICKET_SEVERITY_ALERT 8u
#define PICKET_SEVERITY_EMERGENCY 9u

/* Type of a field's value. A reader skips types that it does not know. */
typedef uint32_t picket_type;
#define PICKET_TYPE_NULL 0u
#define PICKET_TYPE_BOOL 1u   /* value.i: 0 or 1 */
#define PICKET_TYPE_INT 2u    /* value.i */
#define PICKET_TYPE_DOUBLE 3u /* value.f */
#define PICKET_TYPE_NAME 4u   /* value.name: an interned text */
#define PICKET_TYPE_TEXT 5u   /* value.ref: UTF-8 in the byte heap */
#define PICKET_TYPE_BYTES 6u  /* value.ref: arbitrary bytes in the byte heap */
#define PICKET_TYPE_JSON 7u   /* value.ref: JSON text (arrays, nested data kept as they came) */

/* A key with this bit set is not interned: the remaining bits are the offset, in the batch's byte heap, of a uint16_t
 * length (native order, unaligned) followed by that many bytes of UTF-8. Text that an outside peer chose is never
 * interned, so that a hostile peer cannot fill the table. */
#define PICKET_KEY_INLINE 0x80000000u

/* FROZEN: 16 bytes. */
typedef struct picket_field {
  uint32_t key; /* a picket_name, or PICKET_KEY_INLINE | offset */
  picket_type type;
  union {
    int64_t i;
    double f;
    picket_name name;
    struct {
      uint32_t offset; /* into picket_batch.bytes */
      uint32_t length; /* bytes */
    } ref;
  } value;
} picket_field;

/* FROZEN: 40 bytes. */
typedef struct picket_event {
  int64_t time_ns;      /* UTC, nanoseconds since 1970-01-01; 0: the host stamps the time of emit */
  uint64_t sequence;    /* unique within this daemon's life; 0: the host numbers it at emit */
  picket_name kind;     /* "metric", "log", "process", "alert", ... */
  picket_name source;   /* who speaks; 0: the host puts the instance's name */
  uint32_t first_field; /* index into picket_batch.fields */
  uint32_t field_count;
  uint32_t severity; /* PICKET_SEVERITY_... */
  uint32_t flags;    /* 0; further bits are reserved */
} picket_event;

/* Allocated by the host only. A producer may change the counts and what the arrays hold, never the pointers or the
 * capacities. After emit (or in a consumer) everything is read-only. */
typedef struct picket_batch {
  uint32_t size;
  uint32_t flags; /* 0 */
  picket_event *events;
  picket_field *fields;
  char *bytes;
  uint32_t event_count, event_capacity;
  uint32_t field_count, field_capacity;
  uint32_t byte_count, byte_capacity;
} picket_batch;

/* Appends an event without fields; returns null when the batch is full. [any; one thread per batch] */
static inline picket_event *picket_batch_event(picket_batch *batch, picket_name kind) {
  picket_event *event;
  if (batch->event_count >= batch->event_capacity) return NULL;
  event = &batch->events[batch->event_count++];
  memset(event, 0, sizeof *event);
  event->kind = kind;
  event->first_field = batch->field_count;
  return event;
}

/* Appends a field to the batch's last event; returns null when the batch has no event or is full. */
static inline picket_field *picket_batch_field(picket_batch *batch, uint32_t key, picket_type type) {
  picket_field *field;
  if (batch->event_count == 0 || batch->field_count >= batch->field_capacity) return NULL;
  field = &batch->fields[batch->field_count++];
  field->key = key;
  field->type = type;
  field->value.i = 0;
  batch->events[batch->event_count - 1].field_count++;
  return field;
}

/* Reserves `length` bytes in the byte heap; UINT32_MAX when they do not fit. */
static inline uint32_t picket_batch_bytes(picket_batch *batch, const void *data, uint32_t length) {
  uint32_t offset = batch->byte_count;
  if (length > batch->byte_capacity - batch->byte_count) return UINT32_MAX;
  if (length != 0) memcpy(batch->bytes + offset, data, length);
  batch->byte_count += length;
  return offset;
}

/* Each of the following appends one field to the last event; 0 on success, PICKET_LIMIT when the batch is full. */
static inline picket_status picket_batch_int(picket_batch *batch, uint32_t key, int64_t value) {
  picket_field *field = picket_batch_field(batch, key, PICKET_TYPE_INT);
  if (field == NULL) return PICKET_LIMIT;
  field->value.i = value;
  return PICKET_OK;
}

static inline picket_status picket_batch_bool(picket_batch *batch, uint32_t key, uint32_t value) {
  picket_field *field = picket_batch_field(batch, key, PICKET_TYPE_BOOL);
  if (field == NULL) return PICKET_LIMIT;
  field->value.i = value != 0;
  return PICKET_OK;
}

static inline picket_status picket_batch_double(picket_batch *batch, uint32_t key, double value) {
  picket_field *field = picket_batch_field(batch, key, PICKET_TYPE_DOUBLE);
  if (field == NULL) return PICKET_LIMIT;
  field->value.f = value;
  return PICKET_OK;
}

static inline picket_status picket_batch_name(picket_batch *batch, uint32_t key, picket_name value) {
  picket_field *field = picket_batch_field(batch, key, PICKET_TYPE_NAME);
  if (field == NULL) return PICKET_LIMIT;
  field->value.name = value;
  return PICKET_OK;
}

/* `type` is PICKET_TYPE_TEXT, PICKET_TYPE_BYTES or PICKET_TYPE_JSON. Nothing is appended when the bytes do not fit. */
static inline picket_status picket_batch_heap(picket_batch *batch, uint32_t key, picket_type type, picket_str value) {
  picket_field *field;
  uint32_t offset;
  if (value.length > batch->byte_capacity - batch->byte_count) return PICKET_LIMIT;
  field = picket_batch_field(batch, key, type);
  if (field == NULL) return PICKET_LIMIT;
  offset = picket_batch_bytes(batch, value.data, (uint32_t)value.length);
  field->value.ref.offset = offset;
  field->value.ref.length = (uint32_t)value.length;
  return PICKET_OK;
}

static inline picket_status picket_batch_text(picket_batch *batch, uint32_t key, picket_str value) {
  return picket_batch_heap(batch, key, PICKET_TYPE_TEXT, value);
}

/* Puts a key that a peer chose into the byte heap and returns it for picket_field.key; 0 when it does not fit or is
 * longer than 65,535 bytes. */
static inline uint32_t picket_batch_inline_key(picket_batch *batch, picket_str text) {
  uint16_t length = (uint16_t)text.length;
  uint32_t offset = batch->byte_count;
  if (text.length > UINT16_MAX || offset >= PICKET_KEY_INLINE) return 0;
  if (text.length + sizeof length > batch->byte_capacity - offset) return 0;
  memcpy(batch->bytes + offset, &length, sizeof length);
  if (length != 0) memcpy(batch->bytes + offset + sizeof length, text.data, length);
  batch->byte_count += (uint32_t)sizeof length + length;
  return PICKET_KEY_INLINE | offset;
}

/* The text of an inline key (one with PICKET_KEY_INLINE set). The batch must have passed the host's validation. */
static inline picket_str picket_batch_inline_key_text(const picket_batch *batch, uint32_t key) {
  uint16_t length;
  uint32_t offset = key & ~PICKET_KEY_INLINE;
  memcpy(&length, batch->bytes + offset, sizeof length);
  return picket_str_of(batch->bytes + offset + sizeof length, length);
}

/* The bytes of a TEXT, BYTES or JSON field. */
static inline picket_str picket_batch_field_bytes(const picket_batch *batch, const picket_field *field) {
  return picket_str_of(batch->bytes + field->value.ref.offset, field->value.ref.length);
}

/* The first field of `event` with the interned key `key`, or null. */
static inline const picket_field *picket_batch_find(const picket_batch *batch, const picket_event *event,
                                                    picket_name key) {
  const picket_field *field = batch->fields + event->first_field;
  const picket_field *end = field + event->field_count;
  for (; field != end; ++field) {
    if (field->key == key) return field;
  }
  return NULL;
}

#ifdef __cplusplus
}
#endif
#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Words of the boundary between the daemon and a plugin: versions, borrowed text, status codes, errors.
 *
 * Rules that hold for every header in this folder:
 *  - C11 and C++20 compile them to the same layout with gcc, clang and mingw. Only fixed-width types, no enums, no
 *    bool, no bit-fields; every hole is a named `reserved` member that must be zero.
 *  - Every struct that may grow starts with `uint32_t size`, set by its writer to its own sizeof. A reader takes
 *    min(size, its sizeof) bytes and treats the rest as zero. Structs marked FROZEN have no size and never grow.
 *  - Members are only ever appended. A null function means the default behaviour named beside it.
 *  - Who allocates frees. Text is UTF-8, pointer plus length, and borrowed for the duration of the call unless the
 *    function says otherwise.
 *  - No exception crosses: functions of both sides behave as if noexcept.
 *  - Each function carries a thread tag:
 *      [control]  called by the host, never concurrently with another [control] call of the same instance
 *      [deliver]  called by the host, never concurrently with another [deliver] call of the same instance; the OS
 *                 thread varies, and a [control] call may run at the same time
 *      [any]      callable from every thread, concurrently
 */
#ifndef PICKET_BASE_H
#define PICKET_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define PICKET_NOEXCEPT noexcept
extern "C" {
#else
#define PICKET_NOEXCEPT
#endif

/* The version of the ABI that these headers describe. The major is part of the exported symbol's name. While the ABI
 * is a draft (see plugin-abi in the README of sdk/), minor 0 may still change. */
#define PICKET_ABI_MAJOR 1u
#define PICKET_ABI_MINOR 0u

#if defined(_WIN32)
#define PICKET_EXPORT __declspec(dllexport)
#else
#define PICKET_EXPORT __attribute__((visibility("default")))
#endif

/* True if the struct behind `pointer` was written by a side that knows `member`. */
#define PICKET_HAS(pointer, member) \
  ((pointer)->size >= offsetof(__typeof__(*(pointer)), member) + sizeof((pointer)->member))

/* Borrowed UTF-8 text. `data` may be null when `length` is 0. Not zero-terminated. FROZEN. */
typedef struct picket_str {
  const char *data;
  uint64_t length; /* bytes */
} picket_str;

/* An interned name: small, comparable, meaningful only inside one daemon process. 0 is "no name". The high bit is
 * never set in an interned id (see picket_field.key for what it means there). */
typedef uint32_t picket_name;

/* 0 is success, positive values are flow control, negative values are failures. */
typedef int32_t picket_status;
#define PICKET_OK 0
#define PICKET_BUSY 1           /* not now: the callee took nothing; offer it again later */
#define PICKET_PENDING 2        /* taken; the result follows through the completion named by the function */
#define PICKET_FAILED (-1)      /* failed; the error text says why */
#define PICKET_INVALID (-2)     /* the arguments or the data are malformed */
#define PICKET_UNSUPPORTED (-3) /* this side does not do that */
#define PICKET_NOT_FOUND (-4)
#define PICKET_REFUSED (-5) /* understood and rejected for good: do not retry */
#define PICKET_TIMEOUT (-6)
#define PICKET_CANCELLED (-7)
#define PICKET_LIMIT (-8)    /* a bound was reached; the error text names it */
#define PICKET_DENIED (-9)   /* not permitted */
#define PICKET_DROPPED (-10) /* an acknowledgement: at least one event was dropped on its way */

/* Owned by the caller, filled by the callee on failure; nothing to free and nothing that dangles. FROZEN. */
typedef struct picket_error {
  int32_t code;      /* a picket_status, or 0 when unset */
  uint32_t reserved; /* 0 */
  char message[504]; /* zero-terminated UTF-8: what failed, where, and what to do; cut at the end if too long */
} picket_error;

#define PICKET_LOG_TRACE 0u
#define PICKET_LOG_DEBUG 1u
#define PICKET_LOG_INFO 2u
#define PICKET_LOG_WARNING 3u
#define PICKET_LOG_ERROR 4u
#define PICKET_LOG_CRITICAL 5u

static inline picket_str picket_str_of(const char *data, uint64_t length) {
  picket_str text;
  text.data = data;
  text.length = length;
  return text;
}

#ifdef __cplusplus
}
#endif
#endif

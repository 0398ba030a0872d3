/* SPDX-License-Identifier: Apache-2.0
 *
 * picket.commands/1, both sides: named requests to an instance, with a JSON argument and one reply. The plugin side
 * offers commands; the host side calls those of other instances. The daemon itself is the instance `picket`.
 */
#ifndef PICKET_EXT_COMMANDS_H
#define PICKET_EXT_COMMANDS_H

#include "../base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PICKET_EXT_COMMANDS "picket.commands/1"

#define PICKET_COMMAND_READ_ONLY 1u /* changes nothing: needs no right to control */

/* One command that an instance offers. Static; the texts are zero-terminated UTF-8. */
typedef struct picket_command {
  uint32_t size;
  uint32_t flags;          /* PICKET_COMMAND_... */
  const char *name;        /* "restart" */
  const char *summary;     /* one line */
  const char *args_schema; /* JSON Schema draft-07 of the argument object; null: takes none. The host checks it. */
} picket_command;

typedef uint64_t picket_call; /* 0: none */

/* Plugin side. */
typedef struct picket_commands {
  uint32_t size;
  uint32_t count;
  const picket_command *const *list; /* `count` pointers, static */
  /* [control] Carries out list[index]. Whatever it returns: OK means that picket_host_commands.reply was or will be
   * called exactly once for `call`; a failure is itself the reply, with `error`. */
  picket_status (*execute)(void *self, uint32_t index, picket_str args_json, picket_call call, picket_error *error);
  /* [control] Nobody waits for `call` any more (deadline, caller gone). A late reply is ignored. May be null. */
  void (*abandoned)(void *self, picket_call call);
} picket_commands;

/* [control] The one answer to a call. `status` OK: `reply_json` is the result; else it is the error's text. */
typedef void (*picket_reply_fn)(void *context, picket_status status, picket_str reply_json);

/* Host side. */
typedef struct picket_host_commands {
  uint32_t size;
  uint32_t reserved;
  /* [any] Answers a call that `execute` accepted. `json` is the result, or, with a failure, its text. */
  void (*reply)(void *self, picket_call call, picket_status status, picket_str json);
  /* [any] Calls `command` of `instance`. `fn` runs exactly once, as a [control] call of the caller, at the latest
   * after `timeout_ns` (<= 0: 30 s) with PICKET_TIMEOUT; not at all once cancel_call returned or the caller is
   * stopped. Returns 0, without calling `fn`, when too many calls are open (1,024). */
  picket_call (*call)(void *self, picket_str instance, picket_str command, picket_str args_json, int64_t timeout_ns,
                      picket_reply_fn fn, void *context);
  /* [any] When it returns, `fn` is not running (unless it is the caller) and will not run. */
  void (*cancel_call)(void *self, picket_call call);
} picket_host_commands;

#ifdef __cplusplus
}
#endif
#endif

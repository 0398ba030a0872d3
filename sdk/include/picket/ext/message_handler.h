/* SPDX-License-Identifier: Apache-2.0
 *
 * picket.message-handler/1, both sides: conversations of one message in, one reply out. The plugin side answers them
 * (a service for local clients); the host side connects an instance that has the clients (a pipe server's listener with
 * the protocol `message`) with the handler of another one, by its name, and keeps both safe while either of them stops,
 * restarts or is not there.
 *
 * Threads: the functions of a handler run on a thread of the server, so that an answer costs no change of threads:
 * calls of one conversation one after the other, of several ones at the same time only if several servers have them.
 * They must be quick, like every call into a plugin; the host calls those of a plugin with PICKET_PLUGIN_BLOCKS on its
 * own threads instead, still in order. They may run at the same time as [control] and [deliver] calls, never before
 * start has returned nor after stop was called. Such functions are tagged [message].
 */
#ifndef PICKET_EXT_MESSAGE_HANDLER_H
#define PICKET_EXT_MESSAGE_HANDLER_H

#include "../base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PICKET_EXT_MESSAGE_HANDLER "picket.message-handler/1"

typedef uint64_t picket_conversation; /* one client's, unique in this daemon's life; 0: none */

/* Who is at the other end, as the operating system says. */
typedef struct picket_peer {
  uint32_t size;
  uint32_t reserved;
  int64_t uid, gid, pid; /* -1: not known (on Windows always, but the pid) */
  picket_str user;       /* the user's name where it is known already; may be empty */
  picket_str server;     /* the instance that has the client */
} picket_peer;

/* Plugin side: what answers. */
typedef struct picket_message_handler {
  uint32_t size;
  uint32_t reserved;
  /* [message] A client has connected, and has said nothing yet. A failure turns it away, with `error`. May be null. */
  picket_status (*opened)(void *self, picket_conversation conversation, const picket_peer *peer, picket_error *error);
  /* [message] One whole message, valid during the call. Answer with picket_host_messages.reply, here or later. A
   * failure ends the conversation, with `error` for the log. */
  picket_status (*message)(void *self, picket_conversation conversation, picket_str message, picket_error *error);
  /* [message] The client has gone, or the server has closed it: the last call about a conversation that was opened.
   * At a stop of the handler it comes before picket_plugin.stop. May be null. */
  void (*closed)(void *self, picket_conversation conversation);
} picket_message_handler;

/* What the server of a conversation hears. Neither function may call close. */
typedef struct picket_conversation_events {
  uint32_t size;
  uint32_t reserved;
  /* [any] The handler's answer, valid during the call. OK: written, or queued for the client; CANCELLED: the client has
   * gone. */
  picket_status (*reply)(void *context, picket_str message);
  /* [any] The handler wants to stop: take what the client has sent already, then close. */
  void (*draining)(void *context);
  /* [any] The handler has ended it (status OK), refused it or failed (with its text), or is gone: nothing more is
   * answered. The server still calls close. */
  void (*ended)(void *context, picket_status status, picket_str reason);
} picket_conversation_events;

/* Host side. */
typedef struct picket_host_messages {
  uint32_t size;
  uint32_t reserved;

  /* --- for handlers ------------------------------------------------------------------------------------------------
   */

  /* [any] Answers a message; several, or one without a message, are sent as well where the client's protocol can take
   * them. OK: the client has it or will; CANCELLED: it has gone; LIMIT: it does not read. */
  picket_status (*reply)(void *self, picket_conversation conversation, picket_str message);
  /* [any] Ends a conversation once its replies are out. */
  void (*end)(void *self, picket_conversation conversation);

  /* --- for servers -------------------------------------------------------------------------------------------------
   */

  /* [any] Begins a conversation with the handler of `instance`. `events` is copied; `context` is used until close has
   * returned. 0 with `error` when there is no such instance, it handles no messages, is not running at present, or
   * turns the client away. */
  picket_conversation (*open)(void *self, picket_str instance, const picket_peer *peer,
                              const picket_conversation_events *events, void *context, picket_error *error);
  /* [any] Gives the handler one message; one at a time for each conversation. CANCELLED: the handler is gone. */
  picket_status (*send)(void *self, picket_conversation conversation, picket_str message, picket_error *error);
  /* [any] Ends it. When it returns, no function of `events` runs or will run. Not from inside of one. */
  void (*close)(void *self, picket_conversation conversation);
} picket_host_messages;

#ifdef __cplusplus
}
#endif
#endif

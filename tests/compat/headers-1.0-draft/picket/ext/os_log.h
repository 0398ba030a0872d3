/* SPDX-License-Identifier: Apache-2.0
 *
 * picket.os-log/1 (host side): records in the operating system's own event log, for what an administrator looks for
 * there: an audit trail, the start and the stop of a service. On Linux the journal by its native protocol, else syslog;
 * on Windows the Event Log; where there is none, the daemon's log. Ordinary messages belong to picket_host.log.
 */
#ifndef PICKET_EXT_OS_LOG_H
#define PICKET_EXT_OS_LOG_H

#include "../batch.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PICKET_EXT_OS_LOG "picket.os-log/1"

/* One value beside the message. The key in any spelling: the journal shows `peer.user` as PICKET_PEER_USER. FROZEN. */
typedef struct picket_os_log_field {
  picket_str key;
  picket_str value;
} picket_os_log_field;

typedef struct picket_os_log_record {
  uint32_t size;
  uint32_t severity;     /* PICKET_SEVERITY_...; NONE counts as INFO */
  picket_str message_id; /* 32 lower-case hex digits that name this kind of record for ever (systemd-id128 new), so that
                            `journalctl MESSAGE_ID=...` finds it and a catalog explains it; empty: none */
  picket_str message;    /* one sentence; up to 1 MiB */
  const picket_os_log_field *fields;
  uint32_t field_count; /* up to 64 */
  uint32_t event_id;    /* the number of this kind of record in the Windows Event Log, 0..65535 */
} picket_os_log_record;

typedef struct picket_os_log {
  uint32_t size;
  uint32_t reserved;
  /* [any] Writes one record, under the daemon's identity and the instance's name. Never blocks.
   *   PICKET_OK      handed over (or written to the daemon's log, where the system has none)
   *   PICKET_BUSY    the system's log takes nothing at the moment: the record is lost, and counted
   *   PICKET_INVALID the message id is malformed, or a limit above is exceeded */
  picket_status (*write)(void *self, const picket_os_log_record *record);
} picket_os_log;

#ifdef __cplusplus
}
#endif
#endif

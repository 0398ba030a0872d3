/* SPDX-License-Identifier: Apache-2.0
 *
 * picket.inherited-sockets/1 (host side): sockets that the service manager has opened for the daemon (socket
 * activation, LISTEN_FDS of sd_listen_fds(3)). They live as long as the daemon, so that no client is lost while an
 * instance restarts: what an instance gets is a duplicate. On Windows there are none.
 */
#ifndef PICKET_EXT_INHERITED_SOCKETS_H
#define PICKET_EXT_INHERITED_SOCKETS_H

#include "../base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PICKET_EXT_INHERITED_SOCKETS "picket.inherited-sockets/1"

typedef struct picket_inherited_sockets {
  uint32_t size;
  uint32_t reserved;
  /* [any] A duplicate of the socket with this name (FileDescriptorName=) or, when `name` is empty, of the one that is
   * bound to this path; the caller closes it. -1 when there is none. */
  int64_t (*duplicate)(void *self, picket_str name, picket_str path);
} picket_inherited_sockets;

#ifdef __cplusplus
}
#endif
#endif

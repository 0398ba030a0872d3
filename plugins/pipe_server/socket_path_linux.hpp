// SPDX-License-Identifier: Apache-2.0
//
// The name of a listening socket in the file system: claimed so that no live program loses its socket and no dead one
// keeps it, and visible only once permissions are right. One for each listener; the loop's thread.
//
// A file PATH.lock, held locked while the socket lives, keeps two daemons apart. Behind it: what stands at PATH is
// replaced only if it is a socket at which nobody answers. The new socket is bound beside PATH under another name with
// no permissions at all, gets its owner and mode, and is then renamed, so PATH is at no time missing or open to all.
#pragma once

#include <sys/types.h>

#include <string>

#include "loop_linux.hpp"
#include "settings.hpp"

namespace picket::pipe_server {

class SocketPath {
 public:
  // Binds `socket` to settings.path, for connections with `backlog`. Throws Failure.
  SocketPath(const Descriptor& socket, const ListenerSettings& settings, int backlog);
  SocketPath(const SocketPath&) = delete;
  SocketPath& operator=(const SocketPath&) = delete;
  // Removes the socket, if it is still the one that was put there, and the lock.
  ~SocketPath();

 private:
  void lock();
  void check_place() const;
  void bind_beside(const Descriptor& socket);
  void set_owner_and_mode() const;

  const ListenerSettings& settings_;
  const std::string beside_;
  const std::string lock_path_;
  Descriptor lock_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

// The type of a socket: SOCK_STREAM, ...
int socket_type(Kind kind);

}  // namespace picket::pipe_server

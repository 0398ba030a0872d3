// SPDX-License-Identifier: Apache-2.0
//
// A connection to a program of this machine: a Unix-domain stream socket, or a named pipe on Windows. For the client
// verbs, which wait; a server needs more (plugins/pipe_server/transport.hpp). Used by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "picket/result.hpp"

namespace picket::platform {

class LocalStream {
 public:
  virtual ~LocalStream() = default;

  // `address` is the socket's path, or the pipe's name (`\\.\pipe\picket`). Errors: NOT_FOUND (nothing is there, or
  // nobody answers at it), DENIED (permission is missing), TIMEOUT (all of the server's places are taken), FAILED.
  static Result<std::unique_ptr<LocalStream>> connect(const std::string& address, std::int64_t timeout_ns);

  // Where a daemon listens when nobody says otherwise.
  static std::string default_address();

  // Writes all of it. NOT_FOUND when the other side has closed; TIMEOUT when it takes nothing for so long.
  virtual Result<void> write(std::string_view data, std::int64_t timeout_ns) = 0;
  // Waits for some bytes; 0 at the end of the stream. `timeout_ns` < 0: for ever. TIMEOUT when nothing came.
  virtual Result<std::size_t> read(std::span<char> buffer, std::int64_t timeout_ns) = 0;
};

}  // namespace picket::platform

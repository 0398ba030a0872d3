// SPDX-License-Identifier: Apache-2.0
//
// Whom a check of kind port or http asks. Pure. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <picket/result.hpp>

namespace picket::process_supervisor {

struct ProbeTarget {
  std::string host;  // "localhost", or a number without brackets; empty: `path` is a local socket
  std::uint16_t port = 0;
  std::string path;       // of the request, with its query; or of the local socket
  std::string authority;  // as the Host header wants it
};

// "8080" (of this machine), "192.0.2.1:8080", "[::1]:8080", "unix:/run/x.sock".
Result<ProbeTarget> port_target(std::string_view text);
// "http://ADDRESS[:PORT][/PATH]"; nothing else of a URL.
Result<ProbeTarget> http_target(std::string_view text);

// The status of an answer that begins like this: "HTTP/1.1 200 OK\r\n"; 0: it is no HTTP, -1: more is needed.
int http_status(std::string_view beginning);

}  // namespace picket::process_supervisor

// SPDX-License-Identifier: Apache-2.0
//
// Who is at the other end of a connection, as the operating system says (SO_PEERCRED; on Windows the client's token).
// Values; any thread.
#pragma once

#include <cstdint>
#include <string>

namespace picket::pipe_server {

struct Peer {
  static constexpr std::int64_t kUnknown = -1;

  std::int64_t uid = kUnknown;  // Windows: always unknown, `user` says who
  std::int64_t gid = kUnknown;
  std::int64_t pid = kUnknown;

  bool known() const { return uid != kUnknown; }
};

// The name of a user, "" if the system knows none. May ask a directory service, which takes as long as it likes: never
// on the loop's thread (user_names.hpp). [any]
std::string user_name(const Peer& peer);
// The number behind a group's or a user's name as in the settings (or a number as text); -1 if the system knows none.
// The same cost: only where a start may take its time. [any]
std::int64_t group_number(const std::string& name);
std::int64_t user_number(const std::string& name);

}  // namespace picket::pipe_server

// SPDX-License-Identifier: Apache-2.0
//
// Who may do what: the rules of `access`, on who the operating system says is at the other end.
//
// Whoever could open the socket may read and publish. Root and the daemon's own user may do everything, always. Each
// rule that is for a client changes what it may; the last rule that says something about a request decides.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "peer.hpp"
#include "settings.hpp"

namespace picket::pipe_server {

enum class Right { read, publish, control };
const char* to_string(Right right);

// What one client may. A value.
class Access {
 public:
  // `instance` and `command` say what it is asked of; empty: of no one in particular, and then rules for some instances
  // do not count.
  bool allows(Right right, std::string_view instance = {}, std::string_view command = {}) const;
  // Root, or the daemon's user.
  bool trusted() const { return trusted_; }
  // Those that it has at all, at some instance: ["read", "publish"].
  std::vector<std::string> rights() const;

 private:
  friend class AccessTable;
  bool trusted_ = false;
  std::vector<AccessRule> rules_;  // those that are for this client
};

class AccessTable {
 public:
  // Asks the system for the numbers of the users and groups that rules name, which may take its time; a name that it
  // does not know then is nobody's until the next start.
  explicit AccessTable(const Settings& settings);

  // Compares numbers. `groups`: those that the peer has beside its own (Connection::peer_groups), if wants_groups().
  Access of(const Peer& peer, const std::vector<std::int64_t>& groups = {}) const;
  bool wants_groups() const;

  struct Entry {
    AccessRule rule;
    std::int64_t user = Peer::kUnknown;
    std::int64_t group = Peer::kUnknown;
  };
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

// Root, or who runs this process. access_linux.cpp, access_windows.cpp.
bool is_trusted_peer(const Peer& peer);

// `*` is any text, `?` any character. Linear in the text for each star.
bool glob_fits(std::string_view glob, std::string_view text);

}  // namespace picket::pipe_server

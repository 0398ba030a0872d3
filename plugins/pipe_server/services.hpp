// SPDX-License-Identifier: Apache-2.0
//
// What the sessions of all jsonrpc listeners of one instance share. Made by the plugin class; on the loop's thread.
#pragma once

#include "access.hpp"
#include "audit.hpp"
#include "command_table.hpp"
#include "counter_board.hpp"
#include "user_names.hpp"

namespace picket::pipe_server {

struct Services {
  Services(Host host, Loop& loop, Publisher& publisher, const Settings& settings)
      : access(settings),
        users(loop),
        audit(host, publisher),
        counters(host, loop, publisher, settings),
        commands(host, loop) {
    for (const AccessTable::Entry& entry : access.entries()) {
      const bool by_name = entry.user != Peer::kUnknown && entry.rule.user != std::to_string(entry.user);
      if (by_name) users.know(entry.user, entry.rule.user);
      const bool nobody = (!entry.rule.user.empty() && entry.user == Peer::kUnknown) ||
                          (!entry.rule.group.empty() && entry.group == Peer::kUnknown);
      if (nobody) {
        host.warning("access: the system knows no " +
                     (entry.rule.user.empty() ? "group '" + entry.rule.group : "user '" + entry.rule.user) +
                     "': the rule is for nobody until this instance starts again");
      }
    }
  }

  AccessTable access;
  UserNames users;
  Audit audit;
  CounterBoard counters;
  CommandTable commands;
};

}  // namespace picket::pipe_server

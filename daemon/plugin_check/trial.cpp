// SPDX-License-Identifier: Apache-2.0
#include "plugin_check/trial.hpp"

#include <algorithm>
#include <array>

namespace picket::plugin_check {
namespace {

constexpr std::array kTrials = {
    Trial{"symbols", "the library exports picket_plugin_v1 and nothing else", nullptr, try_symbols},
    Trial{"load", "it can be loaded, with every symbol resolved", nullptr, try_load},
    Trial{"handshake", "its picket_plugin_type is complete and fits this version of the ABI", "load", try_handshake},
    Trial{"schema", "its settings have a schema that can be used, and defaults that pass it", "handshake", try_schema},
    Trial{"create", "an instance is made and destroyed, and nothing outside of the caller's structs is written",
          "schema", try_create},
    Trial{"create-again", "a hundred instances leave no memory, handle, thread, timer or batch behind", "create",
          try_create_again},
    Trial{"extensions", "extensions are static tables that are complete, and unknown ids have none", "create",
          try_extensions},
    Trial{"bare-host", "a host without extensions is served, or refused with a text", "create", try_bare_host},
    Trial{"bad-settings", "settings that do not fit are refused with a text", "create", try_bad_settings},
    Trial{"start-stop", "after stop nothing emits and no timer is set; after destroy nothing runs", "create",
          try_start_stop},
    Trial{"restart", "several lives follow each other, and two instances live side by side", "start-stop", try_restart},
    Trial{"emit", "what is emitted is well-formed, and stays so when it is acknowledged or refused", "start-stop",
          try_emit},
    Trial{"stop-during-emit", "stop waits for an emit that another thread is in", "start-stop", try_stop_during_emit},
    Trial{"busy", "a host that is BUSY for ever is neither hammered nor a reason to grow", "start-stop", try_busy},
    Trial{"consume", "each delivery is answered, and each PENDING one finished exactly once", "start-stop",
          try_consume},
    Trial{"flush", "flush and idle finish what is PENDING, and also work when nothing is", "start-stop", try_flush},
    Trial{"threads", "calls come on any thread, and a [deliver] call beside a [control] call", "start-stop",
          try_threads},
    Trial{"commands", "each command is described, and answered exactly once", "start-stop", try_commands},
    Trial{"reload", "new settings are taken, or refused with a text", "start-stop", try_reload},
    Trial{"health", "health is one of the three states, with a text when it is not good", "start-stop", try_health},
    Trial{"history", "stored history can be asked for while it runs and when it does not", "start-stop", try_history},
    Trial{"exit", "the process ends by itself after the last instance is gone", "create", try_exit},
};

}  // namespace

std::span<const Trial> trials() {
  return kTrials;
}

const Trial* find_trial(std::string_view name) {
  const auto* const found =
      std::find_if(kTrials.begin(), kTrials.end(), [&](const Trial& t) { return t.name == name; });
  return found == kTrials.end() ? nullptr : found;
}

}  // namespace picket::plugin_check

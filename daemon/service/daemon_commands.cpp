// SPDX-License-Identifier: Apache-2.0
//
// The commands that routes call, as the daemon sees them: what carries them out, and what the log says of them.
#include <algorithm>

#include "service/daemon.hpp"

namespace picket::service {

routing::CommandHost Daemon::command_host() {
  using Presence = plugin_host::CommandBus::Presence;
  plugin_host::CommandBus& bus = core_.commands;
  Log& log = parts_.log;
  routing::CommandHost host{nullptr, core_.names, {}, {}, {}, {}, {}, {}};
  host.look = [this, &bus](const std::string& instance, const std::string& command) {
    const Presence presence = bus.presence(instance, command);
    if (presence == Presence::there) return routing::CommandPresence::there;
    // While an instance that the configuration knows is away, it may come back.
    const bool configured = instance == "picket" || core_.instance_exists(instance);
    return presence == Presence::away && configured ? routing::CommandPresence::away
                                                    : routing::CommandPresence::unknown;
  };
  host.call = [&bus](const std::string& instance, const std::string& command, std::string args, std::int64_t timeout_ns,
                     routing::CommandHost::Reply reply) {
    return bus.call(instance, command, std::move(args), timeout_ns, std::move(reply));
  };
  host.cancel = [&bus](std::uint64_t call) { bus.cancel(call); };
  host.on_outcome = [&log](const routing::CallOutcome& outcome) {
    const bool done = outcome.result == routing::CallResult::done;
    log.write(done ? LogLevel::info : LogLevel::warning, "", outcome.message,
              {{"route", outcome.route},
               {"outcome", routing::to_string(outcome.result)},
               {"cause", outcome.cause_source + "#" + std::to_string(outcome.cause_sequence)},
               {"ms", outcome.duration_ns / platform::kMillisecond}});
  };
  host.on_loop = [&log](const std::string& route, const std::string& destination) {
    log.write(LogLevel::warning, "",
              "a route would act on an outcome that it has caused itself; it did not. Narrow its `where`",
              {{"route", route}, {"destination", destination}});
  };
  return host;
}

// The load could not tell: a plugin says what commands it has only when it runs.
void Daemon::report_unknown_commands() {
  for (const auto& [name, route] : model_.routes) {
    for (const config::Destination& to : route.to) {
      if (!to.call) continue;
      if (core_.commands.presence(to.instance, to.call->command) != plugin_host::CommandBus::Presence::unknown)
        continue;
      parts_.log.write(LogLevel::warning, to.instance,
                       "a route calls the command `" + to.call->command + "`, which this instance does not have",
                       {{"route", name}});
    }
  }
}

}  // namespace picket::service

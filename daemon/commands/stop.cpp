// SPDX-License-Identifier: Apache-2.0
#include "commands/client_verb.hpp"
#include "commands/exit_codes.hpp"
#include "commands/live_commands.hpp"

namespace picket::commands {

int stop(const StopOptions& options, Client& client, const Surroundings& s) {
  auto timeout = duration_option("--timeout", options.timeout);
  if (!timeout.ok()) return report(timeout.error(), "stop", s.err);
  auto answer = client.command("picket", "stop", ClientJson::object());
  if (!answer.ok()) return report(answer.error(), "stop", s.err);
  if (*timeout == 0 || client.wait_closed(*timeout)) return kExitOk;
  return report({kExitNotWell, "the daemon has not stopped within " + options.timeout + "; it is still draining"},
                "stop", s.err);
}

void add_stop(CLI::App& app, Verb& chosen) {
  const auto options = std::make_shared<StopOptions>();
  CLI::App* const verb = add_verb(
      app,
      {"stop",
       "Stop a running daemon, draining its queues, and wait until its door closes",
       {"picket stop", "picket stop --timeout 0s"},
       {"1   it has not stopped in time", "69  no daemon answers", "77  permission is missing"}},
      chosen, [options]() -> Verb {
        return [options](const Surroundings& s) {
          return with_client(options->client, "stop", s, [&](Client& client) { return stop(*options, client, s); });
        };
      });
  add_client_options(*verb, options->client);
  verb->add_option("--timeout", options->timeout, "How long to wait for its end; 0s: not at all")
      ->type_name("DURATION");
}

}  // namespace picket::commands

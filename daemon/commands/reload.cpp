// SPDX-License-Identifier: Apache-2.0
#include "commands/client_verb.hpp"
#include "commands/exit_codes.hpp"
#include "commands/live_commands.hpp"

namespace picket::commands {

int reload(const ReloadOptions& options, Client& client, const Surroundings& s) {
  ClientJson args = ClientJson::object();
  if (!options.confirm.empty()) {
    auto within = duration_option("--confirm", options.confirm);
    if (!within.ok()) return report(within.error(), "reload", s.err);
    args["confirm"] = options.confirm;
  }
  auto timeout = duration_option("--timeout", options.timeout);
  if (!timeout.ok()) return report(timeout.error(), "reload", s.err);
  auto answer = client.command("picket", "reload", std::move(args), *timeout);
  if (!answer.ok()) {
    const bool refused = answer.error().code == -32602 || answer.error().code == -32011;
    if (refused) return report({kExitConfiguration, answer.error().message}, "reload", s.err);
    return report(answer.error(), "reload", s.err);
  }
  s.out << "configuration " << answer->value("generation", std::int64_t{0}) << " is in force\n";
  if (!options.confirm.empty()) {
    s.out << "It is taken back in " << options.confirm << ", unless `picket confirm` comes before.\n";
  }
  return kExitOk;
}

int confirm(Client& client, const Surroundings& s) {
  auto answer = client.command("picket", "confirm", ClientJson::object());
  if (!answer.ok()) return report(answer.error(), "confirm", s.err);
  s.out << "confirmed\n";
  return kExitOk;
}

void add_reload(CLI::App& app, Verb& chosen) {
  const auto options = std::make_shared<ReloadOptions>();
  CLI::App* const verb = add_verb(
      app,
      {"reload",
       "Let a running daemon read its configuration again and apply what changed",
       {"picket reload", "picket reload --confirm 60s && picket confirm"},
       {"69  no daemon answers", "77  permission is missing", "78  the new configuration was refused"}},
      chosen, [options]() -> Verb {
        return [options](const Surroundings& s) {
          return with_client(options->client, "reload", s, [&](Client& client) { return reload(*options, client, s); });
        };
      });
  add_client_options(*verb, options->client);
  verb->add_option("--confirm", options->confirm,
                   "Go back to the old configuration after this time, unless `picket confirm` comes before")
      ->type_name("DURATION");
  verb->add_option("--timeout", options->timeout, "How long to wait for the answer")->type_name("DURATION");

  const auto confirm_options = std::make_shared<ClientOptions>();
  CLI::App* const second = add_verb(
      app,
      {"confirm",
       "Keep the configuration that `reload --confirm` has put in force",
       {"picket confirm"},
       {"1   there is nothing to confirm", "69  no daemon answers", "77  permission is missing"}},
      chosen, [confirm_options]() -> Verb {
        return [confirm_options](const Surroundings& s) {
          return with_client(*confirm_options, "confirm", s, [&](Client& client) { return confirm(client, s); });
        };
      });
  add_client_options(*second, *confirm_options);
}

}  // namespace picket::commands

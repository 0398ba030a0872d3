// SPDX-License-Identifier: Apache-2.0
#include "commands/client_verb.hpp"
#include "commands/exit_codes.hpp"
#include "commands/human_units.hpp"
#include "commands/live_commands.hpp"
#include "commands/table.hpp"

namespace picket::commands {

int counters(const CountersOptions& options, Client& client, const Surroundings& s) {
  if (options.openmetrics && options.json) {
    return report({kExitUsage, "--openmetrics and --json exclude each other"}, "counters", s.err);
  }
  auto answer = client.ask(options.openmetrics ? "openmetrics" : "counters", ClientJson::object());
  if (!answer.ok()) return report(answer.error(), "counters", s.err);
  if (options.openmetrics) {
    s.out << answer->value("text", "");
    return kExitOk;
  }
  const ClientJson all = answer->value("counters", ClientJson::array());
  if (options.json) {
    s.out << all.dump(2) << '\n';
    return kExitOk;
  }
  Table table({{"INSTANCE"}, {"COUNTER"}, {"ATTRIBUTES"}, {"VALUE", Align::right}, {"TYPE"}});
  for (const ClientJson& counter : all) {
    std::string attributes;
    const ClientJson members = counter.value("attributes", ClientJson::object());
    for (const auto& [key, value] : members.items()) {
      attributes +=
          (attributes.empty() ? "" : " ") + key + "=" + (value.is_string() ? value.get<std::string>() : value.dump());
    }
    const ClientJson value = counter.value("value", ClientJson());
    std::string shown;
    if (value.is_number()) shown = human_value(value.get<double>(), counter.value("unit", ""));
    if (value.is_object()) {  // of counter.time
      const double count = value.value("count", 0.0);
      shown =
          human_value(count, "{time}") + ", mean " + human_value(count > 0 ? value.value("sum", 0.0) / count : 0, "s");
    }
    table.add(
        {counter.value("instance", ""), counter.value("name", ""), attributes, shown, counter.value("instrument", "")});
  }
  table.print(s.out, s.terminal);
  return kExitOk;
}

void add_counters(CLI::App& app, Verb& chosen) {
  const auto options = std::make_shared<CountersOptions>();
  CLI::App* const verb =
      add_verb(app,
               {"counters",
                "Show the counters of a running daemon's instances and of outside programs",
                {"picket counters", "picket counters --openmetrics > /var/lib/node_exporter/picket.prom"},
                {"69  no daemon answers", "77  permission is missing"}},
               chosen, [options]() -> Verb {
                 return [options](const Surroundings& s) {
                   return with_client(options->client, "counters", s,
                                      [&](Client& client) { return counters(*options, client, s); });
                 };
               });
  add_client_options(*verb, options->client);
  verb->add_flag("--openmetrics", options->openmetrics, "As an OpenMetrics page, for a scraper");
  verb->add_flag("--json", options->json, "JSON instead of a table");
}

}  // namespace picket::commands

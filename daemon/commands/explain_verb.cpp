// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <memory>

#include "commands/explain.hpp"
#include "commands/verb_options.hpp"
#include "commands/verbs.hpp"

namespace picket::commands {

void add_explain(CLI::App& app, Verb& chosen) {
  const auto options = std::make_shared<ExplainOptions>();
  CLI::App* const verb = add_verb(
      app,
      {"explain",
       "Say what routes do to an event and why, or what stands out in the configuration",
       {"picket explain",
        R"(picket explain --from host --event '{"kind": "metric", "name": "cpu", "value": 0.95}' --advance 30s)",
        "picket tap --count 100 --format json | picket explain - --route 'memory-*'",
        "picket explain /var/lib/picket/recorder/2026-12-01.jsonl --json"},
       {"1   without an event: something stands out", "78  the configuration is wrong"}},
      chosen,
      [options]() -> Verb { return [options](const Surroundings& s) { return explain(*options, std::cin, s); }; });
  add_config_options(*verb, options->config);
  verb->add_option(
          "file", options->file,
          "Events as JSON, one after the other: a file, a dump of the flight recorder, or - for standard input")
      ->type_name("FILE");
  verb->add_option("--event", options->events, "An event as JSON; may be repeated")
      ->type_name("JSON")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_option("--from", options->from,
                   "The instance that emits the events, or one of its ports; without, each event's source")
      ->type_name("INSTANCE[.PORT]");
  verb->add_option("--route", options->route, "Only routes whose names match; * is any run of characters")
      ->type_name("GLOB")
      ->capture_default_str();
  verb->add_option("--advance", options->advance,
                   "How much time passes after the last event, like 30s; between events it is their own times")
      ->type_name("DURATION");
  verb->add_flag("--finish", options->finish, "Then let steps hand on what they hold, as when the daemon stops");
  verb->add_flag("--json", options->json, "JSON instead of text");
}

}  // namespace picket::commands

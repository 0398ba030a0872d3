// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "commands/client_verb.hpp"
#include "commands/exit_codes.hpp"
#include "commands/human_units.hpp"
#include "commands/live_status.hpp"
#include "commands/table.hpp"
#include "config/units.hpp"
#include "service/printable.hpp"

namespace picket::commands {
namespace {

std::string member_text(const ClientJson& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::uint64_t dropped_of(const ClientJson& ledger) {
  std::uint64_t sum = 0;
  const ClientJson dropped = ledger.value("dropped", ClientJson::object());
  for (const auto& [reason, count] : dropped.items()) {
    sum += count.is_number() ? count.get<std::uint64_t>() : 0;
  }
  return sum;
}

void print_instances(const ClientJson& instances, const Surroundings& s) {
  Table table({{"INSTANCE"}, {"TYPE"}, {"STATE"}, {"HEALTH"}, {"STARTS", Align::right}, {"FAILURES", Align::right}});
  for (const ClientJson& instance : instances) {
    table.add({member_text(instance, "name"), member_text(instance, "type"), member_text(instance, "state"),
               member_text(instance, "health"), member_text(instance, "starts"), member_text(instance, "failures")});
  }
  table.print(s.out, s.terminal);
}

// The numbers of a ledger that every destination has, and those that only some have, when they are not zero.
void print_routes(const ClientJson& routes, const Surroundings& s) {
  Table table({{"ROUTE"},
               {"TO"},
               {"IN", Align::right},
               {"FILTERED", Align::right},
               {"DELIVERED", Align::right},
               {"DROPPED", Align::right},
               {"DEAD", Align::right},
               {"QUEUED", Align::right},
               {"IN FLIGHT", Align::right},
               {"SIZE", Align::right},
               {"MORE"}});
  for (const ClientJson& route : routes) {
    const ClientJson ledger = route.value("ledger", ClientJson::object());
    std::string more;
    for (const char* key : {"created", "absorbed", "spooled"}) {
      if (const std::string value = member_text(ledger, key); !value.empty() && value != "0") {
        more += (more.empty() ? "" : " ") + std::string(key) + "=" + value;
      }
    }
    if (route.value("retired", false)) more += more.empty() ? "retired" : " retired";
    table.add({member_text(route, "route"), member_text(route, "to"), member_text(ledger, "in"),
               member_text(ledger, "filtered"), member_text(ledger, "delivered"), std::to_string(dropped_of(ledger)),
               member_text(ledger, "dead"), member_text(ledger, "queued"), member_text(ledger, "in_flight"),
               human_value(route.value("bytes", 0.0), "By"), more});
  }
  table.print(s.out, s.terminal);
}

}  // namespace

std::vector<std::string> problems_of_status(const ClientJson& status) {
  std::vector<std::string> problems;
  for (const ClientJson& instance : status.value("instances", ClientJson::array())) {
    const std::string name = member_text(instance, "name");
    const std::string error = member_text(instance, "last_error");
    if (const std::string state = member_text(instance, "state"); state != "running") {
      problems.push_back(name + " is " + state + (error.empty() ? "" : ": " + error));
    } else if (const std::string health = member_text(instance, "health"); health != "good") {
      const std::string message = member_text(instance, "health_message");
      problems.push_back(name + " is " + health + (message.empty() ? "" : ": " + message));
    }
  }
  if (const std::string reload = member_text(status, "last_reload_problem"); !reload.empty()) {
    problems.push_back("the last reload was refused: " + reload);
  }
  return problems;
}

int status(const StatusOptions& options, Client& client, const Surroundings& s) {
  auto answer = client.command("picket", "status", ClientJson::object());
  if (!answer.ok()) return report(answer.error(), "status", s.err);
  const ClientJson& all = *answer;
  const std::vector<std::string> problems = problems_of_status(all);
  if (options.json) {
    s.out << all.dump(2) << '\n';
    return problems.empty() ? kExitOk : kExitNotWell;
  }
  const ClientJson instances = all.value("instances", ClientJson::array());
  s.out << "picket " << service::printable(member_text(all, "version")) << ", up "
        << config::format_duration(all.value("uptime_s", std::int64_t{0}) * 1'000'000'000) << ", "
        << human_value(all.value("memory_bytes", 0.0), "By") << ", configuration " << member_text(all, "generation")
        << "\n\n";
  print_instances(instances, s);
  if (const ClientJson routes = all.value("routes", ClientJson::array()); !routes.empty()) {
    s.out << '\n';
    print_routes(routes, s);
  }
  bool heading = false;
  for (const ClientJson& instance : instances) {
    const std::string error = member_text(instance, "last_error");
    if (error.empty()) continue;
    s.out << (heading ? "" : "\nLast errors\n") << "  " << service::printable(member_text(instance, "name")) << ": "
          << service::printable(error) << '\n';
    heading = true;
  }
  if (!problems.empty()) s.out << "\nNot well\n";
  for (const std::string& problem : problems) s.out << "  " << service::printable(problem) << '\n';
  return problems.empty() ? kExitOk : kExitNotWell;
}

void add_status(CLI::App& app, Verb& chosen) {
  const auto options = std::make_shared<StatusOptions>();
  CLI::App* const verb = add_verb(
      app,
      {"status",
       "Show the instances and routes of a running daemon, with their ledgers and last errors",
       {"picket status", "picket status --json", "picket status --config ./picket.yaml"},
       {"1   something is not well", "69  no daemon answers", "77  permission is missing"}},
      chosen, [options]() -> Verb {
        return [options](const Surroundings& s) {
          return with_client(options->client, "status", s, [&](Client& client) { return status(*options, client, s); });
        };
      });
  add_client_options(*verb, options->client);
  verb->add_flag("--json", options->json, "The daemon's own answer, as JSON");
}

}  // namespace picket::commands

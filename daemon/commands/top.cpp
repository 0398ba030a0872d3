// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <thread>

#include "commands/client_verb.hpp"
#include "commands/exit_codes.hpp"
#include "commands/human_units.hpp"
#include "commands/live_status.hpp"
#include "commands/table.hpp"
#include "commands/time_text.hpp"
#include "platform/utc_time.hpp"
#include "service/printable.hpp"

namespace picket::commands {
namespace {

// What one round has counted, by a text that names it.
struct Round {
  std::int64_t time_ns = 0;  // monotonic
  std::map<std::string, double> counts;
  ClientJson status, counters;
};

std::string route_key(const ClientJson& route, const std::string& what) {
  return "route " + route.value("route", "") + "\n" + route.value("to", "") + "\n" + what;
}

std::string counter_key(const ClientJson& counter) {
  return "counter " + counter.value("instance", "") + "\n" + counter.value("name", "") + "\n" +
         counter.value("attributes", ClientJson::object()).dump();
}

double dropped_in(const ClientJson& ledger) {
  double sum = 0;
  const ClientJson dropped = ledger.value("dropped", ClientJson::object());
  for (const auto& [reason, count] : dropped.items()) {
    if (count.is_number()) sum += count.get<double>();
  }
  return sum;
}

Answered<Round> take_round(Client& client, const Surroundings& s) {
  Round round;
  auto status = client.command("picket", "status", ClientJson::object());
  if (!status.ok()) return status.error();
  auto counters = client.ask("counters", ClientJson::object());
  if (!counters.ok()) return counters.error();
  round.time_ns = s.clock.monotonic_ns();
  round.status = std::move(*status);
  round.counters = counters->value("counters", ClientJson::array());
  for (const ClientJson& route : round.status.value("routes", ClientJson::array())) {
    const ClientJson ledger = route.value("ledger", ClientJson::object());
    for (const char* what : {"in", "delivered", "filtered"}) {
      round.counts[route_key(route, what)] = ledger.value(what, 0.0);
    }
    round.counts[route_key(route, "dropped")] = dropped_in(ledger);
  }
  for (const ClientJson& counter : round.counters) {
    if (counter.contains("value") && counter["value"].is_number()) {
      round.counts[counter_key(counter)] = counter["value"];
    }
  }
  return round;
}

class RateView {
 public:
  RateView(const Round& before, const Round& now) : before_(before), now_(now) {}

  double rate(const std::string& key) const {
    const double seconds = static_cast<double>(now_.time_ns - before_.time_ns) / 1e9;
    const auto old = before_.counts.find(key);
    const auto young = now_.counts.find(key);
    if (seconds <= 0 || old == before_.counts.end() || young == now_.counts.end()) return 0;
    return std::max(0.0, young->second - old->second) / seconds;
  }

  ClientJson json(std::int64_t wall_ns) const {
    ClientJson all{
        {"time", platform::format_utc(wall_ns, 3)}, {"routes", ClientJson::array()}, {"counters", ClientJson::array()}};
    for (const ClientJson& route : now_.status.value("routes", ClientJson::array())) {
      const ClientJson ledger = route.value("ledger", ClientJson::object());
      all["routes"].push_back({{"route", route.value("route", "")},
                               {"to", route.value("to", "")},
                               {"in_per_s", rate(route_key(route, "in"))},
                               {"delivered_per_s", rate(route_key(route, "delivered"))},
                               {"filtered_per_s", rate(route_key(route, "filtered"))},
                               {"dropped_per_s", rate(route_key(route, "dropped"))},
                               {"queued", ledger.value("queued", std::int64_t{0})}});
    }
    for (ClientJson counter : now_.counters) {
      if (counter.value("instrument", "") == "counter") counter["per_s"] = rate(counter_key(counter));
      all["counters"].push_back(std::move(counter));
    }
    return all;
  }

  // At most `rows` lines of counters, the liveliest first; 0: all.
  void print(std::int64_t wall_ns, const Surroundings& s, std::size_t rows) const {
    s.out << "picket " << service::printable(now_.status.value("version", "")) << "  "
          << platform::format_utc(wall_ns, 3) << "  memory "
          << human_value(now_.status.value("memory_bytes", 0.0), "By") << "\n\n";
    Table routes({{"ROUTE"},
                  {"TO"},
                  {"IN/S", Align::right},
                  {"FILTERED/S", Align::right},
                  {"DELIVERED/S", Align::right},
                  {"DROPPED/S", Align::right},
                  {"QUEUED", Align::right}});
    const auto per_s = [](double value) {
      const std::string text = human_value(value, "{event}/s");  // the title says the unit
      return text.substr(0, text.rfind(' '));
    };
    std::size_t lines = 4;
    for (const ClientJson& route : now_.status.value("routes", ClientJson::array())) {
      const ClientJson ledger = route.value("ledger", ClientJson::object());
      routes.add({route.value("route", ""), route.value("to", ""), per_s(rate(route_key(route, "in"))),
                  per_s(rate(route_key(route, "filtered"))), per_s(rate(route_key(route, "delivered"))),
                  per_s(rate(route_key(route, "dropped"))), std::to_string(ledger.value("queued", std::int64_t{0}))});
      ++lines;
    }
    routes.print(s.out, s.terminal);
    print_counters(s, rows == 0 ? SIZE_MAX : std::max<std::size_t>(rows, lines + 4) - lines - 3);
  }

 private:
  void print_counters(const Surroundings& s, std::size_t most) const {
    std::vector<std::pair<double, const ClientJson*>> order;
    for (const ClientJson& counter : now_.counters) {
      order.emplace_back(counter.value("instrument", "") == "counter" ? rate(counter_key(counter)) : 0, &counter);
    }
    if (order.empty()) return;
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    Table table({{"INSTANCE"}, {"COUNTER"}, {"VALUE", Align::right}, {"PER SECOND", Align::right}});
    for (std::size_t i = 0; i < std::min(most, order.size()); ++i) {
      const ClientJson& counter = *order[i].second;
      const std::string unit = counter.value("unit", "");
      const bool counts = counter.value("instrument", "") == "counter";
      const bool number = counter.contains("value") && counter["value"].is_number();
      table.add({counter.value("instance", ""), counter.value("name", ""),
                 number ? human_value(counter["value"].get<double>(), unit) : "",
                 counts ? human_value(order[i].first, (unit.empty() ? "1" : unit) + "/s") : ""});
    }
    s.out << '\n';
    table.print(s.out, s.terminal);
  }

  const Round& before_;
  const Round& now_;
};

}  // namespace

int top(const TopOptions& options, Client& client, const Surroundings& s,
        const std::function<void(std::int64_t ns)>& wait) {
  auto interval = duration_option("--interval", options.interval);
  if (!interval.ok()) return report(interval.error(), "top", s.err);
  if (*interval < 100'000'000) return report({kExitUsage, "--interval is at least 100ms"}, "top", s.err);
  auto before = take_round(client, s);
  if (!before.ok()) return report(before.error(), "top", s.err);
  const bool redraw = s.terminal.interactive && !options.json;
  for (std::int64_t round = 0; options.count == 0 || round < options.count; ++round) {
    wait(*interval);
    auto now = take_round(client, s);
    if (!now.ok()) return report(now.error(), "top", s.err);
    const RateView view(*before, *now);
    if (options.json) {
      s.out << view.json(s.clock.wall_ns()).dump() << '\n';
    } else {
      if (redraw) s.out << "\x1b[H\x1b[2J";  // home, clear
      if (!redraw && round > 0) s.out << '\n';
      view.print(s.clock.wall_ns(), s, redraw ? static_cast<std::size_t>(std::max(s.terminal.rows, 0)) : 0);
    }
    s.out << std::flush;
    if (!s.out) return kExitOk;  // the reader has had enough
    *before = std::move(*now);
  }
  return kExitOk;
}

void add_top(CLI::App& app, Verb& chosen) {
  const auto options = std::make_shared<TopOptions>();
  CLI::App* const verb = add_verb(app,
                                  {"top",
                                   "Show live rates of routes and counters, refreshed in place",
                                   {"picket top", "picket top --interval 5s", "picket top --count 1 --json"},
                                   {"69  no daemon answers", "77  permission is missing"}},
                                  chosen, [options]() -> Verb {
                                    return [options](const Surroundings& s) {
                                      return with_client(options->client, "top", s, [&](Client& client) {
                                        return top(*options, client, s, [](std::int64_t ns) {
                                          std::this_thread::sleep_for(std::chrono::nanoseconds(ns));
                                        });
                                      });
                                    };
                                  });
  add_client_options(*verb, options->client);
  verb->add_option("--interval", options->interval, "Between two rounds; at least 100ms")->type_name("DURATION");
  verb->add_option("--count", options->count, "Ends after so many rounds; 0: when interrupted")
      ->check(CLI::NonNegativeNumber);
  verb->add_flag("--json", options->json, "One JSON object a round, one a line");
}

}  // namespace picket::commands

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "commands/client_verb.hpp"
#include "commands/exit_codes.hpp"
#include "commands/live_events.hpp"
#include "service/printable.hpp"

namespace picket::commands {
namespace {

std::string shown_value(const ClientJson& value) {
  if (!value.is_string()) return service::printable(value.dump());
  const std::string text = service::printable(value.get<std::string>());
  const bool plain = !text.empty() && text.find_first_of(" =\"") == std::string::npos;
  return plain ? text : ClientJson(text).dump();
}

// The text of a notification's event as it came, so that nothing of it changes on the way to a file: the last member of
// `params`, which is the last of the message.
std::string_view raw_event(const std::string& line, const ClientJson& event) {
  constexpr std::string_view kKey = "\"event\":";
  const std::size_t at = line.find(kKey);
  if (at == std::string::npos || line.size() < at + kKey.size() + 2) return {};
  std::string_view text(line);
  text = text.substr(at + kKey.size(), text.size() - at - kKey.size() - 2);
  return ClientJson::parse(text, nullptr, false) == event ? text : std::string_view{};
}

}  // namespace

std::string event_line(const ClientJson& event) {
  std::string line;
  const auto add = [&line](const std::string& text) { line += (line.empty() ? "" : " ") + text; };
  const auto part = [&event](const char* key) -> const ClientJson* {
    const auto found = event.find(key);
    return found == event.end() || found->is_null() ? nullptr : &*found;
  };
  if (const auto* time = part("time"))
    add(time->is_string() ? service::printable(time->get<std::string>()) : time->dump());
  std::string severity = part("severity") != nullptr && part("severity")->is_string()
                             ? service::printable(part("severity")->get<std::string>())
                             : "-";
  std::transform(severity.begin(), severity.end(), severity.begin(),
                 [](unsigned char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c); });
  add(severity);
  for (const char* key : {"source", "kind", "name"}) {
    if (const auto* value = part(key)) add(shown_value(*value));
  }
  if (const auto* value = part("value")) add(shown_value(*value));
  if (const auto* message = part("message")) {
    add(message->is_string() ? service::printable(message->get<std::string>()) : shown_value(*message));
  }
  if (const auto* fields = part("fields"); fields != nullptr && fields->is_object()) {
    for (const auto& [key, value] : fields->items()) add(service::printable(key) + "=" + shown_value(value));
  }
  return line;
}

int tap(const TapOptions& options, Client& client, const Surroundings& s) {
  ClientJson params = ClientJson::object();
  if (!options.from.empty()) params["from"] = options.from;
  if (!options.where.empty()) params["where"] = options.where;
  if (auto answer = client.ask("subscribe", std::move(params)); !answer.ok()) {
    return report(answer.error(), "tap", s.err);
  }
  for (std::int64_t seen = 0; options.count == 0 || seen < options.count;) {
    auto line = client.next();
    if (!line.ok()) return report(line.error(), "tap", s.err);
    if (line->empty()) return report({kExitUnavailable, "the daemon has closed the connection"}, "tap", s.err);
    const ClientJson message = ClientJson::parse(*line, nullptr, false);
    const ClientJson& content = message.contains("params") ? message["params"] : message;
    if (message.value("method", "") == "gap") {
      s.err << "picket tap: " << content.value("lost", std::uint64_t{0})
            << " events were lost here, for this reader is too slow\n"
            << std::flush;
      continue;
    }
    if (message.value("method", "") != "event" || !content.contains("event")) continue;
    ++seen;
    const ClientJson& event = content["event"];
    if (options.format == "text") {
      s.out << event_line(event) << '\n' << std::flush;
    } else {
      const std::string_view raw = raw_event(*line, event);
      if (raw.empty()) {
        s.out << event.dump() << '\n' << std::flush;
      } else {
        s.out << raw << '\n' << std::flush;
      }
    }
    if (!s.out) return kExitOk;  // the reader has had enough
  }
  return kExitOk;
}

void add_tap(CLI::App& app, Verb& chosen) {
  const auto options = std::make_shared<TapOptions>();
  CLI::App* const verb = add_verb(
      app,
      {"tap",
       "Show events of a running daemon as they happen",
       {"picket tap", "picket tap --from host --where 'name like \"system.cpu.*\"'",
        "picket tap --where 'severity >= warning' --count 10 --format json > capture.ndjson"},
       {"64  the expression is wrong", "69  no daemon answers, or it stopped", "77  permission is missing"}},
      chosen, [options]() -> Verb {
        return [options](const Surroundings& s) {
          return with_client(options->client, "tap", s, [&](Client& client) { return tap(*options, client, s); });
        };
      });
  add_client_options(*verb, options->client);
  verb->add_option("--from", options->from, "Only events of this instance; may be repeated")
      ->type_name("INSTANCE")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_option("--where", options->where, "Only events that this expression fits")->type_name("EXPRESSION");
  verb->add_option("--count", options->count, "Ends after so many events; 0: when interrupted")
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--format", options->format, "text, or json: an event a line, which test and explain read")
      ->check(CLI::IsMember({"text", "json"}));
}

}  // namespace picket::commands

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <iostream>

#include "commands/client_verb.hpp"
#include "commands/exit_codes.hpp"
#include "commands/live_events.hpp"
#include "service/printable.hpp"

namespace picket::commands {
namespace {

constexpr std::size_t kEventsARequest = 256;
constexpr std::size_t kBytesARequest = 256 * 1024;
constexpr std::size_t kOpenRequests = 8;

// Sends events in requests of many, with a few requests open at a time. One event that is refused costs its request:
// the message says which.
class EventSender {
 public:
  EventSender(Client& client, bool ack, std::int64_t timeout_ns)
      : client_(client), ack_(ack), timeout_ns_(timeout_ns) {}

  std::optional<ClientError> add(ClientJson event) {
    bytes_ += event.dump(-1, ' ', false, ClientJson::error_handler_t::replace).size();
    events_.push_back(std::move(event));
    if (events_.size() < kEventsARequest && bytes_ < kBytesARequest) return std::nullopt;
    return flush();
  }

  std::optional<ClientError> finish() {
    if (auto problem = flush()) return problem;
    while (!open_.empty()) {
      if (auto problem = settle()) return problem;
    }
    return std::nullopt;
  }

  // What is there to be sent, without waiting for more of it.
  std::optional<ClientError> flush() {
    if (events_.empty()) return std::nullopt;
    if (open_.size() >= kOpenRequests) {
      if (auto problem = settle()) return problem;
    }
    const std::size_t count = events_.size();
    auto id = client_.begin("publish", {{"events", std::move(events_)}, {"ack", ack_}});
    events_ = ClientJson::array();
    bytes_ = 0;
    if (!id.ok()) return id.error();
    open_.push_back(*id);
    sent_ += count;
    return std::nullopt;
  }

  std::uint64_t sent() const { return sent_; }

 private:
  std::optional<ClientError> settle() {
    const std::int64_t id = open_.front();
    open_.pop_front();
    auto answer = client_.wait(id, timeout_ns_);
    return answer.ok() ? std::nullopt : std::optional(answer.error());
  }

  Client& client_;
  const bool ack_;
  const std::int64_t timeout_ns_;
  ClientJson events_ = ClientJson::array();
  std::size_t bytes_ = 0;
  std::deque<std::int64_t> open_;
  std::uint64_t sent_ = 0;
};

bool is_part(const std::string& key) {
  constexpr std::array<std::string_view, 7> kParts{"time", "kind", "name", "source", "severity", "value", "message"};
  return std::find(kParts.begin(), kParts.end(), key) != kParts.end();
}

}  // namespace

Answered<ClientJson> event_of_words(const std::vector<std::string>& words) {
  ClientJson event = ClientJson::object();
  ClientJson fields = ClientJson::object();
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      return ClientError{kExitUsage, "`" + service::printable(word) + "` is not of the form NAME=VALUE"};
    }
    const std::string key = word.substr(0, equals);
    const std::string text = word.substr(equals + 1);
    ClientJson& place = is_part(key) ? event : fields;
    if (place.contains(key)) return ClientError{kExitUsage, "`" + service::printable(key) + "` is given twice"};
    const bool always_text = key == "message" || key == "kind" || key == "name" || key == "source" || key == "severity";
    place[key] = always_text ? ClientJson(text) : word_value(text);
  }
  if (!fields.empty()) event["fields"] = std::move(fields);
  return event;
}

int send(const SendOptions& options, Client& client, std::istream& in, const Surroundings& s) {
  if (options.words.empty() && !options.lines && !options.ndjson) {
    return report({kExitUsage, "nothing to send: give NAME=VALUE words, or --lines or --ndjson to read the input"},
                  "send", s.err);
  }
  if (options.lines && options.ndjson) {
    return report({kExitUsage, "--lines and --ndjson exclude each other"}, "send", s.err);
  }
  auto base = event_of_words(options.words);
  if (!base.ok()) return report(base.error(), "send", s.err);
  auto timeout = duration_option("--timeout", options.timeout);
  if (!timeout.ok()) return report(timeout.error(), "send", s.err);
  EventSender sender(client, options.ack, *timeout);
  std::optional<ClientError> problem;
  if (!options.lines && !options.ndjson) {
    problem = sender.add(std::move(*base));
  } else {
    std::uint64_t number = 0;
    for (std::string line; !problem && std::getline(in, line);) {
      ++number;
      if (line.ends_with('\r')) line.pop_back();
      ClientJson event = *base;
      if (options.lines) {
        event["message"] = line;
      } else {
        if (line.empty()) continue;
        ClientJson given = ClientJson::parse(line, nullptr, false);
        if (!given.is_object()) {
          static_cast<void>(sender.finish());
          return report({kExitUsage, "line " + std::to_string(number) + " of the input is no JSON object; the " +
                                         std::to_string(sender.sent()) + " events before it were sent"},
                        "send", s.err);
        }
        // The words are defaults; what the line says itself is worth more.
        for (const auto& [key, value] : given.items()) {
          if (key == "fields" && value.is_object() && event.contains("fields")) {
            event["fields"].update(value);
          } else {
            event[key] = value;
          }
        }
      }
      problem = sender.add(std::move(event));
      // What comes slowly goes out at once.
      if (!problem && in.rdbuf()->in_avail() <= 0) problem = sender.flush();
    }
  }
  if (!problem) problem = sender.finish();
  return problem ? report(*problem, "send", s.err) : kExitOk;
}

void add_send(CLI::App& app, Verb& chosen) {
  const auto options = std::make_shared<SendOptions>();
  CLI::App* const verb =
      add_verb(app,
               {"send",
                "Publish events to a running daemon",
                {"picket send message='backup done' severity=notice duration_s=12.5",
                 "picket send kind=metric name=shop.orders value=17 region=eu",
                 "tail -F app.log | picket send --lines app=shop", "picket send --ndjson --ack < events.ndjson"},
                {"1   some event was not delivered (--ack)", "69  no daemon answers", "77  permission is missing"}},
               chosen, [options]() -> Verb {
                 return [options](const Surroundings& s) {
                   // Tied to C's stdin, std::cin never knows what is there to be read, and each event would be a
                   // request.
                   std::ios::sync_with_stdio(false);
                   return with_client(options->client, "send", s,
                                      [&](Client& client) { return send(*options, client, std::cin, s); });
                 };
               });
  add_client_options(*verb, options->client);
  verb->add_option("words", options->words,
                   "time, kind, name, source, severity, value and message are parts of the event, all else are fields")
      ->type_name("NAME=VALUE");
  verb->add_flag("--lines", options->lines, "An event for each line of the input, which is its message");
  verb->add_flag("--ndjson", options->ndjson, "An event for each line of the input, as a JSON object");
  verb->add_flag("--ack", options->ack, "Wait until every destination has finished with them");
  verb->add_option("--timeout", options->timeout, "How long to wait for an answer")->type_name("DURATION");
}

}  // namespace picket::commands

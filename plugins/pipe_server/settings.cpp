// SPDX-License-Identifier: Apache-2.0
//
// The daemon has held the JSON against the schema and filled in the defaults; what is checked here is what a schema
// cannot say.
#include "settings.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

namespace picket::pipe_server {
namespace {

using nlohmann::json;

[[noreturn]] void wrong_setting(const std::string& where, const std::string& what) {
  throw std::invalid_argument(where + ": " + what);
}

Kind kind_of(const json& listener, const std::string& protocol) {
  const std::string text = listener.value("kind", protocol == "syslog" ? "datagram" : "stream");
  if (text == "seqpacket") return Kind::seqpacket;
  return text == "datagram" ? Kind::datagram : Kind::stream;
}

Limits parse_limits(const json& limits) {
  const Limits usual;
  return {limits.value("connections", usual.connections),
          limits.value("user_connections", usual.user_connections),
          limits.value("message", usual.message),
          limits.value("idle", usual.idle_ns),
          limits.value("rate", usual.rate),
          limits.value("queued", usual.queued),
          limits.value("requests", usual.requests),
          limits.value("subscriptions", usual.subscriptions)};
}

ListenerSettings parse_listener(const json& listener, const std::string& where) {
  ListenerSettings settings;
  settings.path = listener.at("path").get<std::string>();
  settings.protocol = listener.at("protocol").get<std::string>();
  settings.kind = kind_of(listener, settings.protocol);
  settings.mode = static_cast<std::uint32_t>(std::stoul(listener.value("mode", "0660"), nullptr, 8));
  settings.owner = listener.value("owner", "");
  settings.group = listener.value("group", "");
  settings.activation = listener.value("activation", "");
  settings.handler = listener.value("handler", "");
  settings.event_kind = listener.value("events", "log");
  settings.severity = listener.value("severity", "info");
  settings.peer = listener.value("peer", false);
  settings.limits = parse_limits(listener.value("limits", json::object()));
  const bool answers = settings.protocol == "jsonrpc" || settings.protocol == "message";
  if (answers && settings.kind == Kind::datagram) {
    wrong_setting(where + ".kind",
                  settings.protocol + " answers, which a datagram socket cannot: use stream or seqpacket");
  }
  if (settings.protocol == "message" && settings.handler.empty()) {
    wrong_setting(where + ".handler", "is missing: name the instance that answers the messages");
  }
  if (settings.protocol != "message" && !settings.handler.empty()) {
    wrong_setting(where + ".handler", "is for protocol: message; " + settings.protocol + " has none");
  }
  return settings;
}

std::vector<std::string> parse_rights(const json& rule, const char* key) {
  return rule.value(key, std::vector<std::string>{});
}

Settings parse_all(const json& root) {
  Settings settings;
  const json& listen = root.at("listen");
  std::set<std::string> paths;
  const auto add = [&](const json& listener, const std::string& where) {
    settings.listen.push_back(parse_listener(listener, where));
    if (!paths.insert(settings.listen.back().path).second) {
      wrong_setting(where + ".path", settings.listen.back().path + " is another listener's already");
    }
  };
  if (listen.is_array()) {
    for (std::size_t i = 0; i < listen.size(); ++i) add(listen[i], "listen[" + std::to_string(i) + "]");
  } else {
    add(listen, "listen");
  }
  for (const json& rule : root.value("access", json::array())) {
    settings.access.push_back({rule.value("user", ""), rule.value("group", ""), rule.value("instance", ""),
                               parse_rights(rule, "allow"), parse_rights(rule, "deny")});
  }
  settings.connections = root.value("connections", settings.connections);
  settings.queued = root.value("queued", settings.queued);
  const json counters = root.value("counters", json::object());
  settings.counters = counters.value("series", settings.counters);
  settings.counter_names = counters.value("names", settings.counter_names);
  settings.counter_interval_ns = counters.value("interval", settings.counter_interval_ns);
  settings.drain_ns = root.value("drain", settings.drain_ns);
  return settings;
}

}  // namespace

const char* to_string(Kind kind) {
  switch (kind) {
    case Kind::stream:
      return "stream";
    case Kind::seqpacket:
      return "seqpacket";
    case Kind::datagram:
      return "datagram";
  }
  return "";
}

Result<Settings> parse_settings(std::string_view text) {
  try {
    return parse_all(json::parse(text));
  } catch (const std::exception& problem) {
    return Error{problem.what(), PICKET_INVALID};
  }
}

}  // namespace picket::pipe_server

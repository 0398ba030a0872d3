// SPDX-License-Identifier: Apache-2.0
//
// The methods of `jsonrpc` but `publish`.
#include <charconv>
#include <cmath>

#include "jsonrpc_session.hpp"
#include "openmetrics.hpp"

namespace picket::pipe_server {
namespace {

constexpr int kMaxParamDepth = 64;  // of parameters

// "250ms", "5s", "1.5h" or a number of nanoseconds; -1 when it is neither.
std::int64_t duration_of(const RpcJson& value) {
  if (value.is_number_unsigned() || value.is_number_integer()) {
    const auto number = value.get<std::int64_t>();
    return number >= 0 ? number : -1;
  }
  if (!value.is_string()) return -1;
  const auto text = value.get<std::string>();
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number) || number < 0) return -1;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  double factor = 0;
  if (unit == "ns") factor = 1;
  if (unit == "us") factor = 1e3;
  if (unit == "ms") factor = 1e6;
  if (unit == "s") factor = 1e9;
  if (unit == "m") factor = 60e9;
  if (unit == "h") factor = 3600e9;
  if (factor == 0 || number * factor > 9e18) return -1;
  return static_cast<std::int64_t>(number * factor);
}

std::string dump_json(const RpcJson& json) {
  return json.dump(-1, ' ', false, RpcJson::error_handler_t::replace);
}

const char* instrument_of(CounterUpdate::Kind kind) {
  return kind == CounterUpdate::Kind::add ? "counter" : kind == CounterUpdate::Kind::set ? "gauge" : "summary";
}

RpcJson row_json(const std::string& instance, const CounterRow& row) {
  RpcJson entry{
      {"instance", instance}, {"name", row.name}, {"unit", row.unit}, {"instrument", instrument_of(row.kind)}};
  if (!row.help.empty()) entry["help"] = row.help;
  entry["attributes"] = RpcJson::object();
  for (const auto& [key, value] : row.attributes) entry["attributes"][key] = value;
  if (row.kind == CounterUpdate::Kind::time) {
    entry["value"] = {{"count", row.count}, {"sum", row.value}, {"min", row.minimum}, {"max", row.maximum}};
  } else {
    entry["value"] = row.value;
  }
  return entry;
}

// What the command `counters` of the daemon answers, as rows of a page.
void add_instance_rows(const RpcJson& counters, std::vector<MetricRow>& rows) {
  for (const RpcJson& counter : counters) {
    MetricRow row;
    row.type = counter.value("instrument", "") == "counter" ? MetricRow::Type::counter : MetricRow::Type::gauge;
    row.name = "picket.instance." + counter.value("name", "");
    row.unit = counter.value("unit", "");
    row.help = counter.value("help", "");
    row.attributes = {{"instance", counter.value("instance", "")}};
    row.value = counter.value("value", 0.0);
    rows.push_back(std::move(row));
  }
}

void add_outside_rows(const std::vector<CounterRow>& board, std::vector<MetricRow>& rows) {
  for (const CounterRow& counter : board) {
    MetricRow row{MetricRow::Type::counter, counter.name, counter.unit, counter.help, {}, counter.value, counter.count};
    if (counter.kind == CounterUpdate::Kind::set) row.type = MetricRow::Type::gauge;
    if (counter.kind == CounterUpdate::Kind::time) row.type = MetricRow::Type::summary;
    row.attributes.assign(counter.attributes.begin(), counter.attributes.end());
    rows.push_back(row);
    if (counter.kind != CounterUpdate::Kind::time) continue;
    row.type = MetricRow::Type::gauge;
    row.name = counter.name + ".min";
    row.value = counter.minimum;
    rows.push_back(row);
    row.name = counter.name + ".max";
    row.value = counter.maximum;
    rows.push_back(std::move(row));
  }
}

}  // namespace

const std::vector<JsonRpcSession::MethodRow>& JsonRpcSession::methods() {
  using S = JsonRpcSession;
  static const std::vector<MethodRow>* const kMethods = new std::vector<MethodRow>{
      {"hello", &S::hello},
      {"publish", &S::publish},
      {"subscribe", &S::subscribe},
      {"unsubscribe", &S::unsubscribe},
      {"commands", &S::commands},
      {"call", &S::call},
      {"cancel", &S::cancel},
      {"counter.add", &S::counter_add},
      {"counter.set", &S::counter_set},
      {"counter.time", &S::counter_time},
      {"counters", &S::counters},
      {"openmetrics", &S::openmetrics},
  };  // never destroyed: a loaded library stays
  return *kMethods;
}

// --- parameters
// -------------------------------------------------------------------------------------------------------

bool JsonRpcSession::parse_params(const RpcRequest& request, const Ticket& ticket,
                                  std::initializer_list<const char*> known, RpcJson& params) {
  params = RpcJson::object();
  if (request.params.empty()) return true;
  bool deep = false;
  try {
    params = RpcJson::parse(request.params, [&deep](int depth, RpcJson::parse_event_t, RpcJson&) {
      deep = deep || depth > kMaxParamDepth;
      return !deep;
    });
  } catch (const RpcJson::parse_error& error) {
    const std::size_t byte = request.params_byte + (error.byte == 0 ? 0 : error.byte - 1);
    refuse(ticket, {kRpcNotJson, "the line is not JSON: it goes wrong at byte " + std::to_string(byte),
                    R"({"byte":)" + std::to_string(byte) + "}"});
    return false;
  }
  if (deep) {
    bad_param(ticket, "", "the parameters are nested more than 64 deep");
    return false;
  }
  for (const auto& [key, value] : params.items()) {
    bool found = false;
    std::vector<std::string_view> names;
    for (const char* name : known) {
      found = found || key == name;
      names.emplace_back(name);
    }
    if (found) continue;
    bad_param(ticket, "/" + key.substr(0, 64), "there is no such parameter" + rpc_suggestion(key, names));
    return false;
  }
  return true;
}

void JsonRpcSession::bad_param(const Ticket& ticket, const std::string& path, const std::string& what) {
  refuse(ticket, {kRpcBadParams, path.empty() ? what : "`" + path.substr(1) + "` " + what, rpc_data("path", path)});
}

bool JsonRpcSession::text_param(const RpcJson& params, const char* name, const Ticket& ticket, bool needed,
                                std::string& value) {
  const auto found = params.find(name);
  if (found == params.end()) {
    if (needed) bad_param(ticket, std::string("/") + name, "is missing");
    return !needed;
  }
  if (!found->is_string()) {
    bad_param(ticket, std::string("/") + name, "is no text");
    return false;
  }
  value = found->get<std::string>();
  return true;
}

// --- hello
// ------------------------------------------------------------------------------------------------------------

void JsonRpcSession::hello(const RpcRequest& request, const Ticket& ticket) {
  RpcJson params;
  std::string ignored;
  if (!parse_params(request, ticket, {"client", "version"}, params)) return;
  if (!text_param(params, "client", ticket, false, ignored) || !text_param(params, "version", ticket, false, ignored)) {
    return;
  }
  const Peer& peer = connection_.peer();
  RpcJson who = RpcJson::object();
  if (peer.known()) who = {{"uid", peer.uid}, {"gid", peer.gid}, {"pid", peer.pid}};
  if (const std::string user = services_.users.find(connection_.peer()); !user.empty()) who["user"] = user;
  answer(ticket, dump_json({{"daemon", "picket"},
                            {"version", shared_.version},
                            {"protocol", 1},
                            {"peer", std::move(who)},
                            {"rights", access_.rights()}}));
}

// --- subscriptions
// ----------------------------------------------------------------------------------------------------

void JsonRpcSession::subscribe(const RpcRequest& request, const Ticket& ticket) {
  constexpr std::int64_t kDefaultBytes = 1 << 20;
  constexpr std::int64_t kMaxBytes = 64 << 20;
  constexpr std::int64_t kMaxEvents = 1'000'000;
  RpcJson params;
  if (!parse_params(request, ticket, {"from", "where", "queue"}, params)) return;
  std::vector<std::string> from;
  if (const auto given = params.find("from"); given != params.end()) {
    const RpcJson list = given->is_array() ? *given : RpcJson::array({*given});
    for (const RpcJson& one : list) {
      if (!one.is_string() || one.get<std::string>().empty() || one.get<std::string>().find(',') != std::string::npos) {
        return bad_param(ticket, "/from", "is neither the name of an instance nor a list of names");
      }
      from.push_back(one);
    }
  }
  std::string where;
  if (!text_param(params, "where", ticket, false, where)) return;
  std::int64_t bytes = kDefaultBytes;
  std::int64_t events = 0;
  if (const auto queue = params.find("queue"); queue != params.end()) {
    if (!queue->is_object()) return bad_param(ticket, "/queue", "is no object");
    for (const auto& [key, value] : queue->items()) {
      const bool is_events = key == "events";
      if (!is_events && key != "bytes")
        return bad_param(ticket, "/queue/" + key.substr(0, 64), "is neither events nor bytes");
      const std::int64_t most = is_events ? kMaxEvents : kMaxBytes;
      if (!value.is_number_integer() || value < 1 || value > most) {
        return bad_param(ticket, "/queue/" + key, "is no number from 1 to " + std::to_string(most));
      }
      (is_events ? events : bytes) = value.get<std::int64_t>();
    }
  }
  if (from.empty() && !allowed(Right::read, ticket, "subscribe")) return;
  for (const std::string& instance : from) {
    if (!allowed(Right::read, ticket, "subscribe", instance)) return;
  }
  if (feeds_.size() >= static_cast<std::size_t>(connection_.settings().limits.subscriptions)) {
    return refuse(ticket, {kRpcLimit, "this client has all the subscriptions that it may have",
                           rpc_data("limit", "limits.subscriptions")});
  }
  const std::uint64_t id = next_subscription_++;
  auto feed = std::make_shared<SubscriptionFeed>(door_.host, door_.loop, id, static_cast<std::size_t>(bytes),
                                                 [weak = std::weak_ptr<JsonRpcSession*>(self_)] {
                                                   if (const auto self = weak.lock()) (*self)->pump();
                                                 });
  std::string names;
  for (const std::string& instance : from) names += (names.empty() ? "" : ",") + instance;
  try {
    SubscriptionSpec spec;
    spec.from = names;
    spec.filter = where;
    spec.events = static_cast<std::uint32_t>(events);
    Subscription subscription = door_.host.subscribe(
        spec, [raw = feed.get()](const Events& what, std::uint64_t lost) { raw->deliver(what, lost); });
    feeds_.emplace(id, Feed{std::move(feed), std::move(subscription)});
  } catch (const Failure& problem) {
    const picket_status status = problem.status();
    if (status == PICKET_INVALID) return bad_param(ticket, "/where", problem.what());
    return refuse(ticket, {rpc_code_of(status), problem.what(), rpc_status_data(status)});
  }
  answer(ticket, R"({"subscription":)" + std::to_string(id) + "}");
}

void JsonRpcSession::unsubscribe(const RpcRequest& request, const Ticket& ticket) {
  RpcJson params;
  if (!parse_params(request, ticket, {"subscription"}, params)) return;
  const auto id = params.find("subscription");
  if (id == params.end() || !id->is_number_unsigned()) return bad_param(ticket, "/subscription", "is no number");
  if (feeds_.erase(id->get<std::uint64_t>()) == 0) {
    return refuse(ticket, {kRpcNotFound, "this client has no such subscription", rpc_status_data(PICKET_NOT_FOUND)});
  }
  answer(ticket, "{}");
  close_if_over();
}

// --- commands
// ---------------------------------------------------------------------------------------------------------

void JsonRpcSession::commands(const RpcRequest& request, const Ticket& ticket) {
  RpcJson params;
  std::string instance;
  if (!parse_params(request, ticket, {"instance"}, params)) return;
  if (!text_param(params, "instance", ticket, false, instance)) return;
  if (!allowed(Right::read, ticket, "commands", instance)) return;
  const std::uint64_t serial = open_request(ticket);
  open_[serial].shape = [instance](const std::string& json) {
    if (instance.empty()) return json;
    RpcJson some = RpcJson::array();
    for (RpcJson& command : RpcJson::parse(json)) {
      if (command.value("instance", "") == instance) some.push_back(std::move(command));
    }
    return dump_json(some);
  };
  forward(serial, "picket", "commands", "{}", 0);
}

void JsonRpcSession::call(const RpcRequest& request, const Ticket& ticket) {
  RpcJson params;
  std::string instance;
  std::string command;
  if (!parse_params(request, ticket, {"instance", "command", "args", "timeout"}, params)) return;
  if (!text_param(params, "instance", ticket, true, instance)) return;
  if (!text_param(params, "command", ticket, true, command)) return;
  std::string args = "{}";
  if (const auto given = params.find("args"); given != params.end()) {
    if (!given->is_object()) return bad_param(ticket, "/args", "is no object");
    args = dump_json(*given);
  }
  std::int64_t timeout = 0;
  if (const auto given = params.find("timeout"); given != params.end()) {
    timeout = duration_of(*given);
    if (timeout <= 0) return bad_param(ticket, "/timeout", "is neither a text like \"5s\" nor a number of nanoseconds");
  }
  const std::uint64_t serial = open_request(ticket);
  services_.commands.look_up(
      instance, command,
      [weak = std::weak_ptr<JsonRpcSession*>(self_), serial, instance, command, args,
       timeout](std::optional<bool> read_only) {
        const auto self = weak.lock();
        if (!self) return;
        JsonRpcSession& session = **self;
        const Open* const open = session.find_open(serial);
        if (open == nullptr) return;  // cancelled meanwhile
        const Right right = read_only.value_or(false) ? Right::read : Right::control;
        if (read_only && !session.allowed(right, open->ticket, "call", instance, command)) {
          return session.close_request(serial);
        }
        // What is not there changes nothing: the daemon says best what there is instead, to those who could call it.
        if (right == Right::control && session.access_.allows(right, instance, command)) {
          session.audit(AuditRecord::Outcome::requested, right, "call", instance, command);
        } else if (!read_only) {
          session.refuse(open->ticket,
                         {kRpcNotFound, "`" + instance + "` has no command `" + command + "`, or does not run",
                          rpc_status_data(PICKET_NOT_FOUND)});
          return session.close_request(serial);
        }
        session.forward(serial, instance, command, args, timeout);
      });
}

void JsonRpcSession::forward(std::uint64_t serial, const std::string& instance, const std::string& command,
                             const std::string& args, std::int64_t timeout_ns) {
  Open* const open = find_open(serial);
  try {
    open->call = door_.host.commands().call(instance, command, args, std::chrono::nanoseconds(timeout_ns),
                                            [&loop = door_.loop, weak = std::weak_ptr<JsonRpcSession*>(self_), serial](
                                                picket_status status, std::string_view json) {
                                              loop.post([weak, serial, status, text = std::string(json)] {
                                                if (const auto self = weak.lock())
                                                  (*self)->called(serial, status, text);
                                              });
                                            });
  } catch (const Failure& problem) {
    refuse(open->ticket, {kRpcLimit, problem.what(), rpc_data("limit", "open calls of the door (1,024)")});
    close_request(serial);
  }
}

void JsonRpcSession::called(std::uint64_t serial, picket_status status, const std::string& text) {
  Open* const open = find_open(serial);
  if (open == nullptr) return;
  if (status == PICKET_OK) {
    // A command's answer is put into ours as it is, so it must be JSON.
    const bool json = !text.empty() && nlohmann::json::accept(text);
    std::string result = text.empty() ? "null" : text;
    if (!text.empty() && !json) {
      result.clear();
      encode_text(text, result);
    }
    // A line break in it would end our line.
    if (result.find('\n') != std::string::npos || result.find('\r') != std::string::npos) {
      result = dump_json(RpcJson::parse(result));
    }
    answer(open->ticket, open->shape && json ? open->shape(result) : result);
  } else {
    refuse(open->ticket, {rpc_code_of(status), text, rpc_status_data(status)});
  }
  close_request(serial);
}

void JsonRpcSession::cancel(const RpcRequest& request, const Ticket& ticket) {
  RpcJson params;
  if (!parse_params(request, ticket, {"id"}, params)) return;
  const auto id = params.find("id");
  if (id == params.end() || (!id->is_string() && !id->is_number())) {
    return bad_param(ticket, "/id", "is neither a text nor a number");
  }
  for (const auto& [serial, open] : open_) {
    if (open.ticket.id.empty() || RpcJson::parse(open.ticket.id, nullptr, false) != *id) continue;
    refuse(open.ticket, {kRpcTimeout, "cancelled by the client", rpc_status_data(PICKET_CANCELLED)});
    const std::uint64_t cancelled = serial;
    answer(ticket, R"({"cancelled":true})");
    return close_request(cancelled);
  }
  answer(ticket, R"({"cancelled":false})");
}

// --- counters
// ---------------------------------------------------------------------------------------------------------

void JsonRpcSession::counter_add(const RpcRequest& request, const Ticket& ticket) {
  count(CounterUpdate::Kind::add, request, ticket);
}
void JsonRpcSession::counter_set(const RpcRequest& request, const Ticket& ticket) {
  count(CounterUpdate::Kind::set, request, ticket);
}
void JsonRpcSession::counter_time(const RpcRequest& request, const Ticket& ticket) {
  count(CounterUpdate::Kind::time, request, ticket);
}

void JsonRpcSession::count(CounterUpdate::Kind kind, const RpcRequest& request, const Ticket& ticket) {
  RpcJson params;
  CounterUpdate update;
  update.kind = kind;
  if (!parse_params(request, ticket, {"name", "value", "unit", "help", "attributes"}, params)) return;
  if (!text_param(params, "name", ticket, true, update.name) ||
      !text_param(params, "unit", ticket, false, update.unit) ||
      !text_param(params, "help", ticket, false, update.help)) {
    return;
  }
  if (const auto value = params.find("value"); value != params.end()) {
    if (!value->is_number()) return bad_param(ticket, "/value", "is no number");
    update.value = value->get<double>();
  } else if (kind != CounterUpdate::Kind::add) {
    return bad_param(ticket, "/value", "is missing");
  }
  if (const auto attributes = params.find("attributes"); attributes != params.end()) {
    if (!attributes->is_object()) return bad_param(ticket, "/attributes", "is no object");
    for (const auto& [key, value] : attributes->items()) {
      if (!value.is_string()) return bad_param(ticket, "/attributes/" + key.substr(0, 64), "is no text");
      update.attributes[key] = value.get<std::string>();
    }
  }
  if (!allowed(Right::publish, ticket, request.method)) return;
  const auto problem = services_.counters.update(update);
  if (!problem) return answer(ticket, "{}");
  if (problem->status == PICKET_LIMIT)
    return refuse(ticket, {kRpcLimit, problem->message, rpc_data("limit", problem->path)});
  bad_param(ticket, problem->path, problem->message);
}

void JsonRpcSession::counters(const RpcRequest& request, const Ticket& ticket) {
  RpcJson params;
  if (!parse_params(request, ticket, {}, params) || !allowed(Right::read, ticket, "counters")) return;
  const std::uint64_t serial = open_request(ticket);
  open_[serial].shape = [this](const std::string& json) {
    RpcJson all = RpcJson::array();
    for (RpcJson& counter : RpcJson::parse(json)) {
      counter["attributes"] = RpcJson::object();
      all.push_back(std::move(counter));
    }
    for (const CounterRow& row : services_.counters.rows()) all.push_back(row_json("", row));
    return dump_json({{"counters", std::move(all)}});
  };
  forward(serial, "picket", "counters", R"({"detail":true})", 0);
}

void JsonRpcSession::openmetrics(const RpcRequest& request, const Ticket& ticket) {
  RpcJson params;
  if (!parse_params(request, ticket, {}, params) || !allowed(Right::read, ticket, "openmetrics")) return;
  const std::uint64_t serial = open_request(ticket);
  open_[serial].shape = [this](const std::string& json) {
    std::vector<MetricRow> rows;
    add_outside_rows(services_.counters.rows(), rows);
    add_instance_rows(RpcJson::parse(json), rows);
    std::string result = R"({"text":)";
    encode_text(openmetrics_page(rows), result);
    return result + "}";
  };
  forward(serial, "picket", "counters", R"({"detail":true})", 0);
}

}  // namespace picket::pipe_server

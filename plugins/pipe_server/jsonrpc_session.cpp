// SPDX-License-Identifier: Apache-2.0
#include "jsonrpc_session.hpp"

#include "protocols.hpp"

namespace picket::pipe_server {
namespace {

// More than this is not put before a client that reads slowly; the rest waits in the feed, where it may be dropped.
constexpr std::size_t kFeedAhead = std::size_t{64} << 10U;

bool is_empty_line(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

JsonRpcSession::JsonRpcSession(RpcShared& shared, Connection& connection)
    : shared_(shared),
      door_(shared.door),
      services_(*shared.door.services),
      connection_(connection),
      lines_(static_cast<std::size_t>(connection.settings().limits.message)),
      self_(std::make_shared<JsonRpcSession*>(this)) {}

JsonRpcSession::~JsonRpcSession() {
  door_.publisher.forget(*this);
}

void JsonRpcSession::opened() {
  const bool by_group = services_.access.wants_groups();
  access_ = services_.access.of(connection_.peer(), by_group ? connection_.peer_groups() : std::vector<std::int64_t>());
  services_.users.find(connection_.peer());  // so that it is known when it is wanted
}

// --- lines
// ------------------------------------------------------------------------------------------------------------

std::size_t JsonRpcSession::received(std::string_view data) {
  messages_ = 0;
  std::string whole;
  if (connection_.settings().kind != Kind::stream && !data.ends_with('\n')) {
    // A message is a line, or several, with or without its end.
    whole.reserve(data.size() + 1 + kPadding);
    whole.append(data);
    whole += '\n';
    data = whole;
  }
  if (!lines_.feed(data, [this](std::string_view line) { return take_line(line); })) too_long();
  return messages_;
}

std::size_t JsonRpcSession::resumed() {
  messages_ = 0;
  if (!lines_.resume([this](std::string_view line) { return take_line(line); })) too_long();
  close_if_over();
  return messages_;
}

bool JsonRpcSession::input_ended() {
  ended_ = true;
  if (!lines_.stopped()) {
    const std::string_view rest = lines_.rest();
    // A last line without its end is a line nevertheless; one that must wait gets its end, and waits.
    if (!rest.empty() && take_line(rest) == LineBuffer::Line::next) {
      lines_.release();
    } else if (!rest.empty()) {
      lines_.feed("\n", [this](std::string_view line) { return take_line(line); });
    }
  }
  // Who subscribed and then closed only its sending side goes on reading.
  return !owes() && feeds_.empty();
}

bool JsonRpcSession::draining() {
  feeds_.clear();
  ended_ = true;
  return !owes();
}

void JsonRpcSession::abandoned() {
  std::vector<std::uint64_t> serials;
  serials.reserve(open_.size());
  for (const auto& [serial, open] : open_) serials.push_back(serial);
  for (const std::uint64_t serial : serials) {
    const Open* const open = find_open(serial);
    if (open == nullptr) continue;
    if (open->publication != 0) {
      published(open->publication, PICKET_CANCELLED);
    } else {
      called(serial, PICKET_CANCELLED, "the door closes; what becomes of the call is not known");
    }
  }
}

void JsonRpcSession::closed(CloseReason /*reason*/) {
  finished_ = true;
  feeds_.clear();
  open_.clear();  // takes back what was called: nobody waits any more
  rests_.clear();
  door_.publisher.forget(*this);
}

LineBuffer::Line JsonRpcSession::take_line(std::string_view line) {
  if (finished_) return LineBuffer::Line::next;
  if (is_empty_line(line)) return LineBuffer::Line::next;
  if (!rests_.empty()) return LineBuffer::Line::stop;  // held already
  if (open_.size() >= static_cast<std::size_t>(connection_.settings().limits.requests)) {
    connection_.hold(Hold::session);
    return LineBuffer::Line::stop;
  }
  ++messages_;
  line_ = line;
  const RpcLine read = shared_.reader.read(line);
  if (read.problem) {
    door_.traffic.malformed.add();
    send_line(rpc_error({}, *read.problem));
    return LineBuffer::Line::next;
  }
  std::shared_ptr<Group> group;
  if (read.array) {
    group = std::make_shared<Group>();
    group->open = 1;  // this loop itself
  }
  for (const RpcRequest& request : read.requests) dispatch(request, group);
  if (group) {
    --group->open;
    finish(Ticket{{}, group}, {});
  }
  return LineBuffer::Line::next;
}

void JsonRpcSession::too_long() {
  door_.traffic.malformed.add();
  send_line(rpc_error({}, {kRpcLimit,
                           "the line is longer than limits.message allows: " +
                               std::to_string(connection_.settings().limits.message) + " bytes",
                           rpc_data("limit", "limits.message")}));
  finished_ = true;
  connection_.close(CloseReason::malformed);
}

void JsonRpcSession::dispatch(const RpcRequest& request, const std::shared_ptr<Group>& group) {
  const Ticket ticket{request.id, group};
  if (group && !request.id.empty()) ++group->open;
  if (request.problem) {
    door_.traffic.malformed.add();
    if (!request.id.empty()) return refuse(ticket, *request.problem);
    // What has no id that can be read is answered with null, as JSON-RPC wants it.
    if (group) ++group->open;
    return refuse(Ticket{"null", group}, *request.problem);
  }
  if (open_.size() >= static_cast<std::size_t>(connection_.settings().limits.requests)) {
    return refuse(ticket,
                  {kRpcLimit, "too many requests of this client are under way", rpc_data("limit", "limits.requests")});
  }
  std::vector<std::string_view> known;
  for (const MethodRow& row : methods()) {
    if (row.name == request.method) {
      try {
        return (this->*row.method)(request, ticket);
      } catch (const std::exception& problem) {
        return refuse(ticket, {kRpcInternal, problem.what(), ""});
      }
    }
    known.push_back(row.name);
  }
  refuse(ticket,
         {kRpcNoMethod,
          "there is no method `" + request.method.substr(0, 64) + "`" + rpc_suggestion(request.method, known), ""});
}

// --- answers
// ----------------------------------------------------------------------------------------------------------

void JsonRpcSession::answer(const Ticket& ticket, std::string_view result_json) {
  if (ticket.id.empty()) return;
  finish(ticket, rpc_result(ticket.id, result_json));
}

void JsonRpcSession::refuse(const Ticket& ticket, const RpcError& error) {
  if (ticket.id.empty()) return;
  finish(ticket, rpc_error(ticket.id, error));
}

void JsonRpcSession::finish(const Ticket& ticket, std::string&& message) {
  if (!ticket.group) return send_line(std::move(message));
  Group& group = *ticket.group;
  if (!message.empty()) {
    group.answers.push_back(std::move(message));
    --group.open;
  }
  if (group.open != 0 || group.answers.empty()) return;
  std::string all = "[";
  for (const std::string& one : group.answers) all += (all.size() > 1 ? "," : "") + one;
  group.answers.clear();
  send_line(all + "]");
}

void JsonRpcSession::send_line(std::string&& line) {
  if (finished_) return;
  line += '\n';
  connection_.send(line);
}

std::uint64_t JsonRpcSession::open_request(const Ticket& ticket) {
  const std::uint64_t serial = next_serial_++;
  open_[serial].ticket = ticket;
  return serial;
}

JsonRpcSession::Open* JsonRpcSession::find_open(std::uint64_t serial) {
  const auto found = open_.find(serial);
  return found == open_.end() ? nullptr : &found->second;
}

void JsonRpcSession::close_request(std::uint64_t serial) {
  const auto found = open_.find(serial);
  if (found == open_.end()) return;
  if (found->second.publication != 0) publications_.erase(found->second.publication);
  open_.erase(found);
  if (finished_) return;
  connection_.release(Hold::session);
  close_if_over();
}

void JsonRpcSession::close_if_over() {
  if (!ended_ || finished_ || owes() || !feeds_.empty()) return;
  finished_ = true;
  connection_.close(CloseReason::done);
}

// --- subscriptions
// ----------------------------------------------------------------------------------------------------

void JsonRpcSession::writable() {
  pump();
}

void JsonRpcSession::pump() {
  bool more = true;
  while (more && !finished_ && connection_.queued() < kFeedAhead) {
    more = false;
    for (auto& [id, feed] : feeds_) {
      const std::string text = feed.feed->take(kFeedAhead / 4);
      if (text.empty()) continue;
      more = true;
      if (connection_.settings().kind == Kind::stream) {
        if (!connection_.send(text)) return;
        continue;
      }
      for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', begin) + 1;
        if (!connection_.send(std::string_view(text).substr(begin, end - begin))) return;
        begin = end;
      }
    }
  }
}

// --- access
// -----------------------------------------------------------------------------------------------------------

bool JsonRpcSession::allowed(Right right, const Ticket& ticket, const std::string& method, const std::string& instance,
                             const std::string& command) {
  if (access_.allows(right, instance, command)) return true;
  audit(AuditRecord::Outcome::refused, right, method, instance, command);
  std::string data = rpc_data("right", to_string(right));
  refuse(ticket,
         {kRpcDenied,
          std::string("this user has not the right to ") + to_string(right) +
              (instance.empty() ? "" : " `" + instance + "`") + "; the rules are in `access` of the pipe_server",
          data});
  return false;
}

void JsonRpcSession::audit(AuditRecord::Outcome outcome, Right right, const std::string& method,
                           const std::string& instance, const std::string& command) {
  services_.audit.write({outcome, connection_.peer(), services_.users.find(connection_.peer()), to_string(right),
                         method, instance, command});
}

// --- the protocol
// -----------------------------------------------------------------------------------------------------

namespace {

class JsonRpcProtocol final : public Protocol {
 public:
  explicit JsonRpcProtocol(Door& door) : shared_(door, PICKET_PIPE_SERVER_VERSION) {
    if (door.services == nullptr) throw Failure("jsonrpc needs the door's services", PICKET_INVALID);
  }
  std::unique_ptr<Session> open(Connection& connection) override {
    return std::make_unique<JsonRpcSession>(shared_, connection);
  }
  std::string refusal(std::string_view limit) const override {
    return rpc_error({}, {kRpcLimit, "there are too many clients already", rpc_data("limit", limit)}) + "\n";
  }

 private:
  RpcShared shared_;
};

}  // namespace

std::unique_ptr<Protocol> make_jsonrpc(Door& door, const ListenerSettings& /*settings*/) {
  return std::make_unique<JsonRpcProtocol>(door);
}

}  // namespace picket::pipe_server

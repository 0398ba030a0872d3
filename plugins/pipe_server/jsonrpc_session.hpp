// SPDX-License-Identifier: Apache-2.0
//
// The protocol `jsonrpc`: see docs/jsonrpc.md. One session for each connection, on the loop's thread.
// jsonrpc_session.cpp has the flow (lines, answers, holds), jsonrpc_publish.cpp the events, jsonrpc_methods.cpp the
// other methods.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "access.hpp"
#include "event_codec.hpp"
#include "line_buffer.hpp"
#include "publisher.hpp"
#include "rpc_message.hpp"
#include "services.hpp"
#include "session.hpp"
#include "subscription_feed.hpp"
#include "traffic.hpp"

namespace picket::pipe_server {

using RpcJson = nlohmann::ordered_json;

// What the sessions of one listener share.
struct RpcShared {
  RpcShared(Door& of, const std::string& program_version) : door(of), decoder(of.host), version(program_version) {}
  Door& door;
  RpcReader reader;
  EventDecoder decoder;
  const std::string version;
};

class JsonRpcSession final : public Session, public Participant {
 public:
  JsonRpcSession(RpcShared& shared, Connection& connection);
  ~JsonRpcSession() override;
  JsonRpcSession(const JsonRpcSession&) = delete;
  JsonRpcSession& operator=(const JsonRpcSession&) = delete;

  // Session
  void opened() override;
  std::size_t received(std::string_view data) override;
  std::size_t resumed() override;
  bool input_ended() override;
  bool draining() override;
  void abandoned() override;
  void writable() override;
  void closed(CloseReason reason) override;

  // Participant
  void publisher_ready() override;
  void published(std::uint64_t publication, picket_status status) override;

 private:
  // The answers of an array of requests, which leave together.
  struct Group {
    std::size_t open = 0;
    std::vector<std::string> answers;
  };
  // Where the one answer to a request goes.
  struct Ticket {
    std::string id;  // empty: a notification
    std::shared_ptr<Group> group;
  };
  // A request that is under way.
  struct Open {
    Ticket ticket;
    Call call;
    std::uint64_t publication = 0;
    bool acknowledged = false;  // of a publication: the answer waits for the destinations
    std::size_t events = 0;     // of a publication
    std::function<std::string(const std::string& json)> shape;  // of a call: its result, from the command's
  };
  // Events of a publication that the queues had no room for yet.
  struct Rest {
    std::uint64_t serial = 0, publication = 0;
    std::vector<std::string> events;  // with padding behind each
    std::vector<std::size_t> bytes;   // where each began in its line
    std::size_t next = 0, first_index = 0;
    bool many = false;  // they came as `events`
  };
  using Method = void (JsonRpcSession::*)(const RpcRequest& request, const Ticket& ticket);
  struct MethodRow {
    std::string_view name;
    Method method;
  };
  static const std::vector<MethodRow>& methods();

  // --- flow
  LineBuffer::Line take_line(std::string_view line);
  void dispatch(const RpcRequest& request, const std::shared_ptr<Group>& group);
  void answer(const Ticket& ticket, std::string_view result_json);
  void refuse(const Ticket& ticket, const RpcError& error);
  void finish(const Ticket& ticket, std::string&& message);
  void send_line(std::string&& line);
  void too_long();
  std::uint64_t open_request(const Ticket& ticket);
  Open* find_open(std::uint64_t serial);
  void close_request(std::uint64_t serial);
  bool owes() const { return !open_.empty() || !rests_.empty() || lines_.stopped(); }
  void close_if_over();
  void pump();

  // --- access
  // False, and answered and audited, when the client has not that right.
  bool allowed(Right right, const Ticket& ticket, const std::string& method, const std::string& instance = {},
               const std::string& command = {});
  void audit(AuditRecord::Outcome outcome, Right right, const std::string& method, const std::string& instance,
             const std::string& command);

  // --- parameters: false, and answered, when they are wrong. `known`: the members there may be.
  bool parse_params(const RpcRequest& request, const Ticket& ticket, std::initializer_list<const char*> known,
                    RpcJson& params);
  void bad_param(const Ticket& ticket, const std::string& path, const std::string& what);
  bool text_param(const RpcJson& params, const char* name, const Ticket& ticket, bool needed, std::string& value);

  // --- methods
  void hello(const RpcRequest& request, const Ticket& ticket);
  void publish(const RpcRequest& request, const Ticket& ticket);
  void subscribe(const RpcRequest& request, const Ticket& ticket);
  void unsubscribe(const RpcRequest& request, const Ticket& ticket);
  void commands(const RpcRequest& request, const Ticket& ticket);
  void call(const RpcRequest& request, const Ticket& ticket);
  void cancel(const RpcRequest& request, const Ticket& ticket);
  void counter_add(const RpcRequest& request, const Ticket& ticket);
  void counter_set(const RpcRequest& request, const Ticket& ticket);
  void counter_time(const RpcRequest& request, const Ticket& ticket);
  void counters(const RpcRequest& request, const Ticket& ticket);
  void openmetrics(const RpcRequest& request, const Ticket& ticket);

  void count(CounterUpdate::Kind kind, const RpcRequest& request, const Ticket& ticket);
  // Calls a command; `shape` makes the result from the command's.
  void forward(std::uint64_t serial, const std::string& instance, const std::string& command, const std::string& args,
               std::int64_t timeout_ns);
  void called(std::uint64_t serial, picket_status status, const std::string& text);
  enum class Appended { all, waits, failed };
  Appended append_event(std::uint64_t publication, std::string_view json, std::size_t byte, const std::string& path,
                        std::size_t accepted, const Ticket& ticket);

  RpcShared& shared_;
  Door& door_;
  Services& services_;
  Connection& connection_;
  LineBuffer lines_;
  Access access_;
  std::string_view line_;     // that is being read
  std::size_t messages_ = 0;  // of this call of received or resumed
  bool ended_ = false;        // the peer sends nothing more
  bool finished_ = false;     // closed, or told to
  std::uint64_t next_serial_ = 1;
  std::map<std::uint64_t, Open> open_;
  std::map<std::uint64_t, std::uint64_t> publications_;  // to serials
  std::deque<Rest> rests_;
  struct Feed {
    std::shared_ptr<SubscriptionFeed> feed;
    Subscription subscription;  // ends before the feed does
  };
  std::map<std::uint64_t, Feed> feeds_;
  std::uint64_t next_subscription_ = 1;
  std::shared_ptr<JsonRpcSession*> self_;  // what posted answers look at
};

}  // namespace picket::pipe_server

// SPDX-License-Identifier: Apache-2.0
//
// The method `publish`: events from a client to the bus, with the answer that was asked for.
#include "jsonrpc_session.hpp"

namespace picket::pipe_server {

void JsonRpcSession::publish(const RpcRequest& request, const Ticket& ticket) {
  if (!allowed(Right::publish, ticket, "publish")) return;
  const std::string_view one = shared_.reader.member(request.params, "event");
  const std::string_view several = shared_.reader.member(request.params, "events");
  const std::string_view ack = shared_.reader.member(request.params, "ack");
  if (one.empty() == several.empty()) {
    return bad_param(ticket, "", "give either `event`, an object, or `events`, a list of objects");
  }
  if (!ack.empty() && ack != "true" && ack != "false") return bad_param(ticket, "/ack", "is neither true nor false");
  std::vector<std::string_view> events;
  if (!one.empty()) {
    events.push_back(one);
  } else {
    auto elements = shared_.reader.elements(several);
    if (!elements) return bad_param(ticket, "/events", "is no list");
    events = std::move(*elements);
  }
  if (events.empty()) return answer(ticket, ack == "true" ? R"({"acknowledged":0})" : R"({"accepted":0})");

  const bool acknowledged = ack == "true";
  Publisher::Answer wanted = acknowledged ? Publisher::Answer::delivered : Publisher::Answer::accepted;
  if (ticket.id.empty()) wanted = Publisher::Answer::none;
  const std::uint64_t publication = door_.publisher.begin(*this, wanted);
  std::uint64_t serial = 0;
  if (!ticket.id.empty()) {
    serial = open_request(ticket);
    Open& open = open_[serial];
    open.publication = publication;
    open.acknowledged = acknowledged;
    open.events = events.size();
    publications_[publication] = serial;
  }
  const auto path_of = [&](std::size_t index) {
    return several.empty() ? std::string("/event") : "/events/" + std::to_string(index);
  };
  const auto byte_of = [&](std::string_view event) { return static_cast<std::size_t>(event.data() - line_.data()); };
  for (std::size_t i = 0; i < events.size(); ++i) {
    // Behind what waits already, so that the order stays.
    const Appended appended = rests_.empty()
                                  ? append_event(publication, events[i], byte_of(events[i]), path_of(i), i, ticket)
                                  : Appended::waits;
    if (appended == Appended::all) continue;
    if (appended == Appended::failed) {
      close_request(serial);
      break;
    }
    Rest rest;
    rest.serial = serial;
    rest.publication = publication;
    rest.first_index = i;
    rest.many = !several.empty();
    for (std::size_t left = i; left < events.size(); ++left) {
      rest.bytes.push_back(byte_of(events[left]));
      std::string& copy = rest.events.emplace_back();
      copy.reserve(events[left].size() + kPadding);
      copy = events[left];
    }
    rests_.push_back(std::move(rest));
    connection_.hold(Hold::publisher);
    return;  // publisher_ready() ends it
  }
  door_.publisher.end(publication);
}

JsonRpcSession::Appended JsonRpcSession::append_event(std::uint64_t publication, std::string_view json,
                                                      std::size_t byte, const std::string& path, std::size_t accepted,
                                                      const Ticket& ticket) {
  CodecError error;
  const Publisher::Room room{1, 16, static_cast<std::uint32_t>(json.size()) + 64};
  const auto appended = door_.publisher.append_to(publication, *this, room, [&](picket_batch& batch) {
    switch (shared_.decoder.decode(json, batch, error)) {
      case EventDecoder::Outcome::event:
        return Publisher::Written::whole;
      case EventDecoder::Outcome::no_room:
        return Publisher::Written::no_room;
      case EventDecoder::Outcome::malformed:
        return Publisher::Written::refused;
    }
    return Publisher::Written::refused;
  });
  if (appended == Publisher::Append::taken) return Appended::all;
  if (appended == Publisher::Append::wait) return Appended::waits;
  door_.traffic.malformed.add();
  if (error.reason.empty()) error.reason = "has too many fields for one event";
  std::string data = R"({"path":)";
  encode_text(path, data);
  data += R"(,"byte":)" + std::to_string(byte + error.byte) + R"(,"accepted":)" + std::to_string(accepted) + "}";
  refuse(ticket, {kRpcBadParams, "`" + path.substr(1) + "` is no event: " + error.reason, data});
  return Appended::failed;
}

void JsonRpcSession::publisher_ready() {
  while (!rests_.empty()) {
    Rest& rest = rests_.front();
    const Open* const open = find_open(rest.serial);
    const Ticket ticket = open == nullptr ? Ticket{} : open->ticket;
    bool failed = false;
    while (rest.next < rest.events.size() && !failed) {
      const std::size_t index = rest.first_index + rest.next;
      const std::string path = rest.many ? "/events/" + std::to_string(index) : "/event";
      const Appended appended =
          append_event(rest.publication, rest.events[rest.next], rest.bytes[rest.next], path, index, ticket);
      if (appended == Appended::waits) return;
      failed = appended == Appended::failed;
      ++rest.next;
    }
    const std::uint64_t publication = rest.publication;
    const std::uint64_t serial = rest.serial;
    rests_.pop_front();
    if (failed) close_request(serial);
    door_.publisher.end(publication);
  }
  connection_.release(Hold::publisher);
}

void JsonRpcSession::published(std::uint64_t publication, picket_status status) {
  const auto found = publications_.find(publication);
  if (found == publications_.end()) return;  // answered already
  const std::uint64_t serial = found->second;
  const Open& open = open_.at(serial);
  if (status == PICKET_OK) {
    answer(open.ticket, std::string(open.acknowledged ? R"({"acknowledged":)" : R"({"accepted":)") +
                            std::to_string(open.events) + "}");
  } else {
    refuse(open.ticket, {kRpcNotDelivered,
                         status == PICKET_DROPPED     ? "a destination dropped some of the events"
                         : status == PICKET_REFUSED   ? "a destination refused some of the events for good"
                         : status == PICKET_CANCELLED ? "the door closes; what became of the events is not known"
                                                      : "the events could not be published",
                         rpc_status_data(status)});
  }
  close_request(serial);
}

}  // namespace picket::pipe_server

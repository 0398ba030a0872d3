// SPDX-License-Identifier: Apache-2.0
//
// The protocol `ndjson`: one JSON object on each line is one event; see docs/ndjson.md. A line that is none costs
// itself only: the client is told which byte, on a stream, and the next line counts again.
#include "event_codec.hpp"
#include "line_session.hpp"
#include "peer_fields.hpp"
#include "protocols.hpp"

namespace picket::pipe_server {
namespace {

class NdjsonSession final : public LineSession {
 public:
  NdjsonSession(Door& door, EventDecoder& decoder, const PeerFields& peer_fields, Connection& connection)
      : LineSession(door, connection), decoder_(decoder), peer_fields_(peer_fields) {}

 protected:
  bool is_nothing(std::string_view line) const override {
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
  }

  Publisher::Written write(std::string_view line, picket_batch& batch) override {
    switch (decoder_.decode(line, batch, error_)) {
      case EventDecoder::Outcome::malformed:
        return Publisher::Written::refused;
      case EventDecoder::Outcome::no_room:
        return Publisher::Written::no_room;
      case EventDecoder::Outcome::event:
        break;
    }
    return peer_fields_.add(connection().peer(), batch) ? Publisher::Written::whole : Publisher::Written::no_room;
  }

  void refuse(std::uint64_t line_number, bool too_long) override {
    if (too_long) {
      error_ = {static_cast<std::size_t>(connection().settings().limits.message),
                "the line is longer than limits.message"};
    } else if (error_.reason.empty()) {
      error_.reason = "has too many fields for one event";
    }
    std::string answer = R"({"error":{"line":)" + std::to_string(line_number) + R"(,"byte":)" +
                         std::to_string(error_.byte) + R"(,"message":)";
    encode_text(error_.reason, answer);
    answer += "}}\n";
    connection().send(answer);
  }

 private:
  EventDecoder& decoder_;
  const PeerFields& peer_fields_;
  CodecError error_;
};

class NdjsonProtocol final : public Protocol {
 public:
  NdjsonProtocol(Door& door, const ListenerSettings& settings)
      : door_(door), decoder_(door.host), peer_fields_(door.host, settings.peer) {}

  std::unique_ptr<Session> open(Connection& connection) override {
    return std::make_unique<NdjsonSession>(door_, decoder_, peer_fields_, connection);
  }
  std::string refusal(std::string_view limit) const override {
    return R"({"error":{"limit":")" + std::string(limit) +
           R"(","message":"there are too many clients already"}})"
           "\n";
  }

 private:
  Door& door_;
  EventDecoder decoder_;
  const PeerFields peer_fields_;
};

}  // namespace

std::unique_ptr<Protocol> make_ndjson(Door& door, const ListenerSettings& settings) {
  return std::make_unique<NdjsonProtocol>(door, settings);
}

}  // namespace picket::pipe_server

// SPDX-License-Identifier: Apache-2.0
//
// The protocol `line`: each line of text is an event with this message; see docs/line.md. Nothing is malformed but a
// line that is too long.
#include "line_session.hpp"
#include "peer_fields.hpp"
#include "protocols.hpp"
#include "severity.hpp"
#include "text_field.hpp"

namespace picket::pipe_server {
namespace {

struct LineFormat {
  LineFormat(Host host, const ListenerSettings& settings)
      : kind(host.name(settings.event_kind)),
        message(host.name("message")),
        severity(parse_severity(settings.severity).value_or(PICKET_SEVERITY_INFO)),
        peer_fields(host, settings.peer) {}
  const Name kind, message;
  const std::uint32_t severity;
  const PeerFields peer_fields;
};

// "<4>text", as the kernel and sd-daemon(3) write it: the severity, and the prefix goes. Only 0 to 7.
std::uint32_t take_prefix(std::string_view& line, std::uint32_t otherwise) {
  if (line.size() < 3 || line[0] != '<' || line[1] < '0' || line[1] > '7' || line[2] != '>') return otherwise;
  const auto number = static_cast<unsigned>(line[1] - '0');
  line.remove_prefix(3);
  return severity_of_syslog(number);
}

class TextLineSession final : public LineSession {
 public:
  TextLineSession(Door& door, const LineFormat& format, Connection& connection)
      : LineSession(door, connection), format_(format) {}

 protected:
  Publisher::Written write(std::string_view line, picket_batch& batch) override {
    picket_event* const event = picket_batch_event(&batch, format_.kind.id);
    if (event == nullptr) return Publisher::Written::no_room;
    event->severity = take_prefix(line, format_.severity);
    const bool fits =
        add_text_field(batch, format_.message.id, line) && format_.peer_fields.add(connection().peer(), batch);
    return fits ? Publisher::Written::whole : Publisher::Written::no_room;
  }
  void refuse(std::uint64_t /*line_number*/, bool /*too_long*/) override {}  // such clients do not listen

 private:
  const LineFormat& format_;
};

class LineProtocol final : public Protocol {
 public:
  LineProtocol(Door& door, const ListenerSettings& settings) : door_(door), format_(door.host, settings) {}
  std::unique_ptr<Session> open(Connection& connection) override {
    return std::make_unique<TextLineSession>(door_, format_, connection);
  }

 private:
  Door& door_;
  const LineFormat format_;
};

}  // namespace

std::unique_ptr<Protocol> make_line(Door& door, const ListenerSettings& settings) {
  return std::make_unique<LineProtocol>(door, settings);
}

}  // namespace picket::pipe_server

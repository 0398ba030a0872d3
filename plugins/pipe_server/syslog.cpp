// SPDX-License-Identifier: Apache-2.0
//
// The protocol `syslog`: what logger(1), syslog(3) and other daemons send; see docs/syslog.md. Datagrams hold one
// message each. On streams each message says its length ("34 <13>...", RFC 6587 octet counting) or ends with a line end
// or a zero.
#include <charconv>

#include "peer_fields.hpp"
#include "protocols.hpp"
#include "publisher.hpp"
#include "syslog_message.hpp"
#include "text_field.hpp"
#include "traffic.hpp"

namespace picket::pipe_server {
namespace {

struct SyslogFormat {
  SyslogFormat(Host host, const ListenerSettings& settings)
      : kind(host.name(settings.event_kind)),
        facility(host.name("facility")),
        host_key(host.name("host")),
        app(host.name("app")),
        pid(host.name("pid")),
        msgid(host.name("msgid")),
        message(host.name("message")),
        peer_fields(host, settings.peer) {}
  const Name kind, facility, host_key, app, pid, msgid, message;
  const PeerFields peer_fields;
};

bool add_syslog_text(picket_batch& batch, Name key, std::string_view text) {
  return text.empty() || add_text_field(batch, key.id, text);
}

// A process id is a number mostly; any other text stays one, and so does a number that would be written otherwise.
bool add_pid_field(picket_batch& batch, Name key, std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool plain = error == std::errc() && end == text.data() + text.size() && number >= 0 && text.front() != '-' &&
                     (text.size() == 1 || text.front() != '0');
  return plain ? picket_batch_int(&batch, key.id, number) == PICKET_OK : add_syslog_text(batch, key, text);
}

bool add_parameter(picket_batch& batch, const SyslogParameter& parameter) {
  std::string key = "sd." + std::string(parameter.id);
  if (parameter.has_value) key += "." + std::string(parameter.name);
  const std::uint32_t inlined = picket_batch_inline_key(&batch, to_str(key));
  if (inlined == 0) return false;
  if (!parameter.has_value) return picket_batch_bool(&batch, inlined, 1) == PICKET_OK;
  return add_text_field(batch, inlined, parameter.value);
}

bool add_message(const SyslogFormat& format, const SyslogMessage& message, const Peer& peer, picket_batch& batch) {
  picket_event* const event = picket_batch_event(&batch, format.kind.id);
  if (event == nullptr) return false;
  event->severity = message.severity;
  event->time_ns = message.time_ns.value_or(0);
  if (!add_syslog_text(batch, format.facility, message.facility) ||
      !add_syslog_text(batch, format.host_key, message.host) || !add_syslog_text(batch, format.app, message.app) ||
      !add_pid_field(batch, format.pid, message.pid) || !add_syslog_text(batch, format.msgid, message.msgid)) {
    return false;
  }
  for (const SyslogParameter& parameter : message.data) {
    if (!add_parameter(batch, parameter)) return false;
  }
  return add_syslog_text(batch, format.message, message.message) && format.peer_fields.add(peer, batch);
}

class SyslogSession final : public Session, public Participant {
 public:
  SyslogSession(Door& door, const SyslogFormat& format, Connection& connection)
      : door_(door), format_(format), connection_(connection) {}
  ~SyslogSession() override { door_.publisher.forget(*this); }

  std::size_t received(std::string_view data) override {
    messages_ = 0;
    door_.publisher.expect(data.size());
    if (connection_.settings().kind != Kind::stream) {
      if (stopped_ || !take(data)) keep_message(data);
      return messages_;
    }
    if (stopped_ || !kept_.empty()) {
      kept_.append(data);
      if (!stopped_) go_through_kept();
    } else {
      kept_.assign(data.substr(go_through(data)));
      check_length();
    }
    return messages_;
  }

  std::size_t resumed() override {
    messages_ = 0;
    stopped_ = false;
    go_through_kept();
    return messages_;
  }

  bool input_ended() override {
    if (stopped_) return false;
    if (!kept_.empty() && !take(kept_)) return false;
    kept_.clear();
    return true;
  }
  void publisher_ready() override { connection_.release(Hold::publisher); }

 private:
  void go_through_kept() {
    if (connection_.settings().kind != Kind::stream) {
      if (!kept_.empty() && take(kept_)) kept_.clear();
      return;
    }
    kept_.erase(0, go_through(kept_));
    if (kept_.empty()) kept_.shrink_to_fit();
    check_length();
  }

  // How many bytes of `data` were whole messages that are taken.
  std::size_t go_through(std::string_view data) {
    std::size_t at = 0;
    while (at < data.size() && !stopped_ && !broken_) {
      std::string_view message;
      const std::size_t next = next_message(data.substr(at), message);
      if (next == 0) break;
      if (!message.empty() && !take(message)) break;
      at += next;
    }
    return at;
  }

  // The bytes of the next message with its frame; 0 when it is not whole yet.
  std::size_t next_message(std::string_view data, std::string_view& message) {
    if (data.front() >= '1' && data.front() <= '9') {
      std::size_t length = 0;
      const auto [end, error] = std::from_chars(data.data(), data.data() + data.size(), length);
      const auto digits = static_cast<std::size_t>(end - data.data());
      if (error == std::errc() && digits < data.size() && data[digits] == ' ') {
        if (length > limit()) return broken_ = true, 0;
        if (data.size() - digits - 1 < length) return 0;
        message = data.substr(digits + 1, length);
        return digits + 1 + length;
      }
      if (digits == data.size() && digits <= 8) return 0;
    }
    const std::size_t end = data.find_first_of(std::string_view("\n\0", 2));
    if (end == std::string_view::npos) return 0;
    message = data.substr(0, end);
    return end + 1;
  }

  std::size_t limit() const { return static_cast<std::size_t>(connection_.settings().limits.message); }

  void check_length() {
    if (stopped_ || (!broken_ && kept_.size() <= limit() + 16)) return;
    door_.traffic.malformed.add();
    kept_.clear();
    connection_.close(CloseReason::malformed);
  }

  // False when the queues are full: it is still the caller's.
  bool take(std::string_view text) {
    const auto problem = parse_syslog(text, door_.host.wall_ns(), message_);
    ++messages_;
    if (problem) {
      door_.traffic.malformed.add();
      door_.host.debug("a client's syslog message was not read: " + std::string(problem->reason) + " at byte " +
                       std::to_string(problem->byte));
      return true;
    }
    const Publisher::Room room{1, 16 + static_cast<std::uint32_t>(message_.data.size()),
                               static_cast<std::uint32_t>(text.size()) * 2 + 64};
    const auto appended = door_.publisher.append(*this, room, [&](picket_batch& batch) {
      return add_message(format_, message_, connection_.peer(), batch) ? Publisher::Written::whole
                                                                       : Publisher::Written::no_room;
    });
    if (appended == Publisher::Append::refused) door_.traffic.malformed.add();
    if (appended != Publisher::Append::wait) return true;
    --messages_;
    stopped_ = true;
    connection_.hold(Hold::publisher);
    return false;
  }

  void keep_message(std::string_view data) { kept_.assign(data); }

  Door& door_;
  const SyslogFormat& format_;
  Connection& connection_;
  SyslogMessage message_;  // of the call
  std::string kept_;       // what is not taken yet
  bool stopped_ = false;   // for the queues are full
  bool broken_ = false;    // the stream cannot be split any more
  std::size_t messages_ = 0;
};

class SyslogProtocol final : public Protocol {
 public:
  SyslogProtocol(Door& door, const ListenerSettings& settings) : door_(door), format_(door.host, settings) {}
  std::unique_ptr<Session> open(Connection& connection) override {
    return std::make_unique<SyslogSession>(door_, format_, connection);
  }

 private:
  Door& door_;
  const SyslogFormat format_;
};

}  // namespace

std::unique_ptr<Protocol> make_syslog(Door& door, const ListenerSettings& settings) {
  return std::make_unique<SyslogProtocol>(door, settings);
}

}  // namespace picket::pipe_server

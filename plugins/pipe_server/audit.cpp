// SPDX-License-Identifier: Apache-2.0
#include "audit.hpp"

#include <array>

namespace picket::pipe_server {
namespace {

// packaging/systemd/picket.catalog explains them; the ids are for ever.
constexpr OsLogKind kRequested{"3d4a9c154e804b3ca7dad60181897a88", 16, Severity::notice};
constexpr OsLogKind kRefused{"495092c18b874aee920fa928434e9f27", 17, Severity::warning};

const char* outcome_text(AuditRecord::Outcome outcome) {
  return outcome == AuditRecord::Outcome::refused ? "refused" : "requested";
}

}  // namespace

std::string audit_message(const AuditRecord& record) {
  std::string who = record.peer.known() ? "user " + std::to_string(record.peer.uid) : "an unknown user";
  std::string more = record.user;
  if (record.peer.pid > 0) more += (more.empty() ? "process " : ", process ") + std::to_string(record.peer.pid);
  if (!more.empty()) who += " (" + more + ")";
  std::string what = record.method;
  if (!record.instance.empty()) what += " " + record.instance;
  if (!record.command.empty()) what += " " + record.command;
  if (record.outcome == AuditRecord::Outcome::refused) return who + " was refused " + record.right + ": " + what;
  return who + " asked for " + what;
}

Audit::Audit(Host host, Publisher& publisher)
    : host_(host),
      publisher_(publisher),
      os_log_(host),
      kind_(host.name("audit")),
      message_(host.name("message")),
      outcome_(host.name("audit.outcome")),
      right_(host.name("audit.right")),
      method_(host.name("audit.method")),
      instance_(host.name("audit.instance")),
      command_(host.name("audit.command")),
      uid_(host.name("peer.uid")),
      pid_(host.name("peer.pid")),
      user_(host.name("peer.user")),
      requested_(host, "audit.requested", "{request}", "Requests that change something"),
      refused_(host, "audit.refused", "{request}", "Requests that were refused for missing rights"),
      lost_(host, "audit.lost", "{event}", "Audit events that no queue took in time") {}

void Audit::write(const AuditRecord& record) {
  const bool refused = record.outcome == AuditRecord::Outcome::refused;
  (refused ? refused_ : requested_).add();
  const std::string message = audit_message(record);
  const std::string uid = std::to_string(record.peer.uid);
  const std::string pid = std::to_string(record.peer.pid);
  os_log_.write(refused ? kRefused : kRequested, message,
                {{"audit.outcome", outcome_text(record.outcome)},
                 {"audit.right", record.right},
                 {"audit.method", record.method},
                 {"audit.instance", record.instance},
                 {"audit.command", record.command},
                 {"peer.uid", uid},
                 {"peer.pid", pid},
                 {"peer.user", record.user}});
  const std::int64_t now = host_.wall_ns();
  if (waiting_.empty() && append(record, now)) return;
  if (waiting_.size() >= kMaxWaiting) {
    waiting_.pop_front();
    lost_.add();
  }
  waiting_.push_back({record, now});
}

bool Audit::append(const AuditRecord& record, std::int64_t time_ns) {
  const std::string message = audit_message(record);
  const auto taken = publisher_.append(*this, {1, 10, 1024}, [&](picket_batch& batch) {
    picket_event* const event = picket_batch_event(&batch, kind_.id);
    if (event == nullptr) return Publisher::Written::no_room;
    event->time_ns = time_ns;
    event->severity =
        record.outcome == AuditRecord::Outcome::refused ? PICKET_SEVERITY_WARNING : PICKET_SEVERITY_NOTICE;
    bool whole = true;
    const auto text = [&](Name key, std::string_view value) {
      if (!value.empty()) whole = whole && picket_batch_text(&batch, key.id, to_str(value)) == PICKET_OK;
    };
    text(message_, message);
    text(outcome_, outcome_text(record.outcome));
    text(right_, record.right);
    text(method_, record.method);
    text(instance_, record.instance);
    text(command_, record.command);
    text(user_, record.user);
    whole = whole && picket_batch_int(&batch, uid_.id, record.peer.uid) == PICKET_OK &&
            picket_batch_int(&batch, pid_.id, record.peer.pid) == PICKET_OK;
    return whole ? Publisher::Written::whole : Publisher::Written::no_room;
  });
  return taken != Publisher::Append::wait;
}

void Audit::drain() {
  while (!waiting_.empty() && append(waiting_.front().record, waiting_.front().time_ns)) waiting_.pop_front();
}

}  // namespace picket::pipe_server

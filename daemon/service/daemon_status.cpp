// SPDX-License-Identifier: Apache-2.0
//
// What the daemon tells of itself: its commands, its state as JSON, the dump, and its metrics on the bus.
#include <nlohmann/json.hpp>

#include "picket/batch.h"
#include "platform/process.hpp"
#include "service/daemon.hpp"

namespace picket::service {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDropNames[routing::kDropReasons] = {"full", "shutdown", "removed"};

enum Command : std::uint32_t { kStatus, kCounters, kReload, kFlush, kDump, kStop };

const char* health_text(std::uint32_t health) {
  switch (health) {
    case PICKET_HEALTH_GOOD:
      return "good";
    case PICKET_HEALTH_DEGRADED:
      return "degraded";
    default:
      return "bad";
  }
}

Json ledger_json(const routing::Ledger& ledger) {
  Json dropped;
  for (int i = 0; i < routing::kDropReasons; ++i) dropped[kDropNames[i]] = ledger.dropped[i];
  return {{"in", ledger.in},    {"filtered", ledger.filtered}, {"delivered", ledger.delivered}, {"dead", ledger.dead},
          {"dropped", dropped}, {"queued", ledger.queued},     {"in_flight", ledger.in_flight}};
}

// Adds metric events to one batch; grows by emitting when it is full.
class MetricWriter {
 public:
  static constexpr std::uint32_t kEvents = 512;
  static constexpr std::uint32_t kFieldsPerEvent = 6;
  static constexpr std::uint32_t kBytes = 64 * 1024;

  MetricWriter(plugin_host::Core& core, routing::Source& source, std::int64_t time_ns)
      : core_(core), source_(source), time_ns_(time_ns), kind_(core.names.intern("metric")) {
    name_ = core.names.intern("name");
    value_ = core.names.intern("value");
  }
  ~MetricWriter() { flush(); }
  MetricWriter(const MetricWriter&) = delete;
  MetricWriter& operator=(const MetricWriter&) = delete;

  struct Attribute {
    const char* key;
    std::string_view value;
  };

  // `description.name` is the metric's full name.
  void add(const picket_metric& description, std::int64_t value, std::initializer_list<Attribute> attributes) {
    const picket_name name = core_.metrics.describe(description);
    if (name == 0) return;  // the table of names is full; picket.names shows it
    if (batch_ == nullptr) batch_ = routing::batch_new(kEvents, kEvents * kFieldsPerEvent, kBytes);
    if (batch_ == nullptr) return;
    picket_event* event = picket_batch_event(batch_, kind_);
    event->time_ns = time_ns_;
    picket_batch_name(batch_, name_, name);
    picket_batch_int(batch_, value_, value);
    for (const Attribute& attribute : attributes) {
      picket_batch_text(batch_, core_.names.intern(attribute.key),
                        picket_str_of(attribute.value.data(), attribute.value.size()));
    }
    // Room for the longest attributes of one more event.
    if (batch_->event_count == kEvents || batch_->byte_capacity - batch_->byte_count < 1'024) flush();
  }

 private:
  // The daemon's own metrics never wait: a full queue that blocks costs this round, and its ledger shows it.
  void flush() {
    if (batch_ == nullptr) return;
    if (core_.router.emit(source_, 0, batch_, 0, {}) != PICKET_OK) routing::batch_release(batch_);
    batch_ = nullptr;
  }

  plugin_host::Core& core_;
  routing::Source& source_;
  const std::int64_t time_ns_;
  const picket_name kind_;
  picket_name name_ = 0, value_ = 0;
  picket_batch* batch_ = nullptr;
};

picket_metric describe(std::string_view name, std::uint32_t instrument, std::string_view unit, std::string_view help) {
  picket_metric metric{};
  metric.size = sizeof metric;
  metric.instrument = instrument;
  metric.name = picket_str_of(name.data(), name.size());
  metric.unit = picket_str_of(unit.data(), unit.size());
  metric.help = picket_str_of(help.data(), help.size());
  return metric;
}

constexpr std::uint32_t kCounter = PICKET_INSTRUMENT_COUNTER;
constexpr std::uint32_t kGauge = PICKET_INSTRUMENT_GAUGE;

}  // namespace

// --- metrics -------------------------------------------------------------------------------------------------------

void Daemon::publish_metrics(const picket_tick& tick) {
  MetricWriter writer(core_, source_, tick.due_ns);
  const std::int64_t now = parts_.executor->clock().monotonic_ns();
  writer.add(describe("picket.uptime", kGauge, "s", "Time since the daemon started"),
             (now - started_ns_) / platform::kSecond, {});
  writer.add(describe("picket.memory.usage", kGauge, "By", "Resident memory of the daemon"),
             static_cast<std::int64_t>(platform::resident_bytes()), {});
  writer.add(describe("picket.names", kGauge, "{name}", "Interned names"),
             static_cast<std::int64_t>(core_.names.size()), {});
  writer.add(describe("picket.batches", kGauge, "{batch}", "Batches alive"), routing::live_batches(), {});
  writer.add(describe("picket.log.suppressed", kCounter, "{record}", "Log records held back by the rate limit"),
             static_cast<std::int64_t>(parts_.log.suppressed()), {});
  writer.add(describe("picket.config.generation", kGauge, "1", "Counts configurations that were put in force"),
             static_cast<std::int64_t>(generation_), {});

  for (const routing::DestinationStatus& status : core_.router.status()) {
    const auto add = [&](std::string_view outcome, std::uint64_t value) {
      writer.add(describe("picket.route.events", kCounter, "{event}", "Events of one destination by outcome"),
                 static_cast<std::int64_t>(value),
                 {{"route", status.route}, {"destination", status.instance}, {"outcome", outcome}});
    };
    add("in", status.ledger.in);
    add("filtered", status.ledger.filtered);
    add("delivered", status.ledger.delivered);
    add("dead", status.ledger.dead);
    for (int i = 0; i < routing::kDropReasons; ++i) {
      add(std::string("dropped.") + kDropNames[i], status.ledger.dropped[i]);
    }
    writer.add(describe("picket.route.queue.events", kGauge, "{event}", "Events queued and in flight"),
               static_cast<std::int64_t>(status.ledger.queued + status.ledger.in_flight),
               {{"route", status.route}, {"destination", status.instance}});
    writer.add(describe("picket.route.queue.size", kGauge, "By", "Memory pinned by queued and in-flight batches"),
               static_cast<std::int64_t>(status.bytes), {{"route", status.route}, {"destination", status.instance}});
  }
  for (const auto& [name, instance] : instances_) {
    const plugin_host::InstanceStatus status = instance->status();
    writer.add(describe("picket.instance.running", kGauge, "1", "1 while the instance runs"),
               status.state == plugin_host::InstanceState::running ? 1 : 0, {{"instance", name}});
    writer.add(describe("picket.instance.failures", kCounter, "{failure}", "Failed attempts to start"),
               static_cast<std::int64_t>(status.failures), {{"instance", name}});
    for (const plugin_host::CounterValue& counter : instance->counters()) {
      writer.add(describe("picket.instance." + counter.name, counter.instrument, counter.unit, counter.help),
                 counter.value, {{"instance", name}});
    }
    instance->check_health();  // what status shows is never older than one round
  }
}

// --- state ---------------------------------------------------------------------------------------------------------

std::string Daemon::status_json() const {
  Json instances = Json::array();
  for (const auto& [name, instance] : instances_) {
    const plugin_host::InstanceStatus status = instance->status();
    Json entry{{"name", name},
               {"type", status.type},
               {"state", plugin_host::to_string(status.state)},
               {"starts", status.starts},
               {"failures", status.failures}};
    if (!status.last_error.empty()) entry["last_error"] = status.last_error;
    entry["health"] = health_text(status.health);
    if (!status.health_message.empty()) entry["health_message"] = status.health_message;
    instances.push_back(std::move(entry));
  }
  Json routes = Json::array();
  for (const routing::DestinationStatus& status : core_.router.status()) {
    Json entry{{"route", status.route},
               {"to", status.instance},
               {"ledger", ledger_json(status.ledger)},
               {"bytes", status.bytes},
               {"limit_events", status.settings.events},
               {"limit_bytes", status.settings.bytes}};
    if (status.retired) entry["retired"] = true;
    routes.push_back(std::move(entry));
  }
  Json root{{"generation", generation_},
            {"uptime_s", (parts_.executor->clock().monotonic_ns() - started_ns_) / platform::kSecond},
            {"memory_bytes", platform::resident_bytes()},
            {"instances", std::move(instances)},
            {"routes", std::move(routes)}};
  if (!last_reload_problem_.empty()) root["last_reload_problem"] = last_reload_problem_;
  // A text that a plugin chose may not be UTF-8; status must come out all the same.
  return root.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void Daemon::dump() {
  lane_->post([this] {
    for (const auto& [name, instance] : instances_) {
      const plugin_host::InstanceStatus status = instance->status();
      parts_.log.answer(LogLevel::info, name, "state",
                        {{"state", plugin_host::to_string(status.state)},
                         {"starts", status.starts},
                         {"failures", status.failures},
                         {"last_error", status.last_error},
                         {"health", health_text(status.health)},
                         {"health_message", status.health_message}});
    }
    for (const routing::DestinationStatus& status : core_.router.status()) {
      const routing::Ledger& ledger = status.ledger;
      parts_.log.answer(LogLevel::info, "", "route",
                        {{"route", status.route},
                         {"to", status.instance},
                         {"in", ledger.in},
                         {"filtered", ledger.filtered},
                         {"delivered", ledger.delivered},
                         {"dead", ledger.dead},
                         {"dropped", ledger.dropped_total()},
                         {"queued", ledger.queued},
                         {"in_flight", ledger.in_flight},
                         {"bytes", status.bytes}});
    }
  });
}

// --- the commands of `picket` --------------------------------------------------------------------------------------

std::vector<plugin_host::CommandInfo> Daemon::commands() const {
  // In the order of enum Command.
  return {{"status", "The state of every instance and route", "", true},
          {"counters", "The counters of every instance", "", true},
          {"reload", "Read the configuration again and apply what changed", "", false},
          {"flush", "Ask every sink to write out what it holds", "", false},
          {"dump", "Write the state of everything to the log", "", true},
          {"stop", "Stop the daemon, draining its queues", "", false}};
}

void Daemon::execute(std::uint32_t index, std::string /*args_json*/, picket_call call) {
  const auto reply = [this, call](const std::string& json) { core_.commands.reply(call, PICKET_OK, json); };
  lane_->post([this, index, call, reply] {
    switch (index) {
      case kStatus:
        return reply(status_json());
      case kCounters: {
        Json root = Json::object();
        for (const auto& [name, instance] : instances_) {
          for (const plugin_host::CounterValue& counter : instance->counters()) {
            root[name][counter.name] = counter.value;
          }
        }
        return reply(root.dump());
      }
      case kReload:
        return reload([this, call, reply](const Result<void>& result) {
          if (result.ok()) return reply(Json{{"generation", generation_}}.dump());
          core_.commands.reply(call, result.error().status, result.error().message);
        });
      case kFlush:
        flush();
        return reply("{}");
      case kDump:
        dump();
        return reply("{}");
      case kStop:
        reply("{}");
        if (parts_.on_stop) parts_.on_stop();
        return;
      default:
        return core_.commands.reply(call, PICKET_NOT_FOUND, "no such command");
    }
  });
}

void Daemon::abandoned(picket_call /*call*/) {}

}  // namespace picket::service

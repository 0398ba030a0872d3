// SPDX-License-Identifier: Apache-2.0
//
// What the daemon tells of itself: its commands, its state as JSON, the dump, and its metrics on the bus.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/units.hpp"
#include "picket/batch.h"
#include "platform/process.hpp"
#include "service/daemon.hpp"

namespace picket::service {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kRecordArgs = R"({"type": "object", "additionalProperties": false,
  "properties": {"reason": {"type": "string", "maxLength": 4096}}})";
constexpr std::int64_t kMinConfirm = 100 * platform::kMillisecond;
constexpr std::int64_t kMaxConfirm = platform::kDay;
constexpr const char* kReloadArguments = R"({"type": "object", "additionalProperties": false, "properties": {
  "confirm": {"type": "string", "description":
    "A duration, like 60s: unless `confirm` comes within it, the previous configuration is put back."}}})";

enum Command : std::uint32_t {
  kStatus,
  kCounters,
  kReload,
  kFlush,
  kDump,
  kStop,
  kConfirm,
  kRollback,
  kPlan,
  kRecord,
  kCommands
};

constexpr const char* kCountersArgs = R"({"type": "object", "additionalProperties": false, "properties": {
  "detail": {"type": "boolean", "default": false, "description": "A list with units and descriptions instead"}}})";

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
  for (int i = 0; i < routing::kDropReasons; ++i) dropped[routing::kDropNames[i]] = ledger.dropped[i];
  return {{"in", ledger.in},
          {"recovered", ledger.recovered},
          {"created", ledger.created},
          {"filtered", ledger.filtered},
          {"delivered", ledger.delivered},
          {"absorbed", ledger.absorbed},
          {"dead", ledger.dead},
          {"dropped", dropped},
          {"queued", ledger.queued},
          {"in_flight", ledger.in_flight},
          {"spooled", ledger.spooled}};
}

Json calls_json(const routing::CallCounts& calls) {
  return {{"done", calls.done},       {"failed", calls.failed},   {"timed_out", calls.timed_out},
          {"limited", calls.limited}, {"unknown", calls.unknown}, {"looped", calls.looped},
          {"retries", calls.retries}, {"untold", calls.untold},   {"open", calls.open}};
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
  config_events_.retry();
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
  if (core_.os_log) {
    writer.add(describe("picket.os_log.lost", kCounter, "{record}", "Records that the system's event log did not take"),
               static_cast<std::int64_t>(core_.os_log->lost()), {});
  }
  writer.add(describe("picket.config.generation", kGauge, "1", "Counts configurations that were put in force"),
             static_cast<std::int64_t>(reload_.generation()), {});
  writer.add(describe("picket.config.hash", kGauge, "1", "The hash of the configuration in force, as a number"),
             static_cast<std::int64_t>(std::stoull("0" + reload_.hash(), nullptr, 16)), {});
  for (const auto outcome : {ConfigNotice::Outcome::applied, ConfigNotice::Outcome::refused,
                             ConfigNotice::Outcome::confirmed, ConfigNotice::Outcome::rolled_back}) {
    writer.add(describe("picket.config.changes", kCounter, "{change}", "Changes of the configuration by outcome"),
               static_cast<std::int64_t>(config_events_.count(outcome)), {{"outcome", to_string(outcome)}});
  }

  const auto letters = core_.spools->letter_counts();
  writer.add(describe("picket.dead_letters", kCounter, "{event}", "Refused events that were written to files"),
             static_cast<std::int64_t>(letters.written), {});
  writer.add(describe("picket.dead_letters.lost", kCounter, "{event}", "Refused events that no file could take"),
             static_cast<std::int64_t>(letters.lost), {});

  for (const routing::DestinationStatus& status : core_.router.status()) {
    const auto add = [&](std::string_view outcome, std::uint64_t value) {
      writer.add(describe("picket.route.events", kCounter, "{event}", "Events of one destination by outcome"),
                 static_cast<std::int64_t>(value),
                 {{"route", status.route}, {"destination", status.instance}, {"outcome", outcome}});
    };
    add("in", status.ledger.in);
    add("filtered", status.ledger.filtered);
    add("delivered", status.ledger.delivered);
    if (status.instance == routing::kStepsName) {
      add("created", status.ledger.created);
      add("absorbed", status.ledger.absorbed);
    }
    add("dead", status.ledger.dead);
    for (int i = 0; i < routing::kDropReasons; ++i) {
      add(std::string("dropped.") + routing::kDropNames[i], status.ledger.dropped[i]);
    }
    writer.add(describe("picket.route.queue.events", kGauge, "{event}", "Events queued and in flight"),
               static_cast<std::int64_t>(status.ledger.queued + status.ledger.in_flight),
               {{"route", status.route}, {"destination", status.instance}});
    writer.add(describe("picket.route.queue.size", kGauge, "By", "Memory pinned by queued and in-flight batches"),
               static_cast<std::int64_t>(status.bytes), {{"route", status.route}, {"destination", status.instance}});
    if (status.spool) {
      writer.add(describe("picket.route.spool.events", kGauge, "{event}", "Events on disk and not in memory"),
                 static_cast<std::int64_t>(status.ledger.spooled),
                 {{"route", status.route}, {"destination", status.instance}});
      writer.add(describe("picket.route.spool.size", kGauge, "By", "Batches on disk that are not finished"),
                 static_cast<std::int64_t>(status.spool->bytes),
                 {{"route", status.route}, {"destination", status.instance}});
      writer.add(describe("picket.route.spool.failing", kGauge, "1", "1 while the disk does not take or give batches"),
                 status.spool->problem.empty() ? 0 : 1, {{"route", status.route}, {"destination", status.instance}});
    }
    if (status.calls) {
      const auto add_calls = [&](std::string_view outcome, std::uint64_t value) {
        writer.add(describe("picket.route.calls", kCounter, "{call}", "Calls of one destination's command by outcome"),
                   static_cast<std::int64_t>(value),
                   {{"route", status.route}, {"destination", status.instance}, {"outcome", outcome}});
      };
      add_calls("done", status.calls->done);
      add_calls("failed", status.calls->failed);
      add_calls("timed_out", status.calls->timed_out);
      add_calls("limited", status.calls->limited);
      add_calls("unknown", status.calls->unknown);
      add_calls("looped", status.calls->looped);
    }
    for (std::size_t i = 0; i < status.steps.size(); ++i) {
      const routing::StepStatus& step = status.steps[i];
      const std::string place = std::to_string(i + 1);
      const auto add_step = [&](const char* metric, std::uint32_t instrument, const char* unit, const char* help,
                                std::uint64_t value) {
        writer.add(describe(metric, instrument, unit, help), static_cast<std::int64_t>(value),
                   {{"route", status.route}, {"place", place}, {"step", step.type}});
      };
      add_step("picket.step.held", kGauge, "{group}", "Groups, windows and keys that a step remembers", step.held);
      add_step("picket.step.over_limit", kCounter, "{group}", "What its limit kept a step from remembering",
               step.over_limit);
      add_step("picket.step.failed", kCounter, "{event}", "Events that a step could not make sense of", step.failed);
      add_step("picket.step.failures", kCounter, "{failure}", "Calls that failed; their events passed unchanged",
               step.failures);
    }
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
    if (status.spool) {
      entry["spool"] = {{"bytes", status.spool->bytes},
                        {"limit_bytes", status.spool->limit},
                        {"durable", status.settings.durable},
                        {"folder", status.spool->folder}};
      if (!status.spool->problem.empty()) entry["spool"]["problem"] = status.spool->problem;
    }
    if (status.calls) entry["calls"] = calls_json(*status.calls);
    for (const routing::StepStatus& step : status.steps) {
      entry["steps"].push_back({{"type", step.type},
                                {"held", step.held},
                                {"over_limit", step.over_limit},
                                {"failed", step.failed},
                                {"failures", step.failures}});
    }
    routes.push_back(std::move(entry));
  }
  Json root{{"version", parts_.version},
            {"generation", reload_.generation()},
            {"hash", reload_.hash()},
            {"uptime_s", (parts_.executor->clock().monotonic_ns() - started_ns_) / platform::kSecond},
            {"memory_bytes", platform::resident_bytes()},
            {"instances", std::move(instances)},
            {"routes", std::move(routes)}};
  if (awaits_confirmation()) {
    const std::int64_t left = reload_.confirm_by_ns() - parts_.executor->clock().monotonic_ns();
    root["confirm_within_s"] = std::max<std::int64_t>(left, 0) / platform::kSecond;
  }
  const auto letters = core_.spools->letter_counts();
  root["dead_letters"] = {{"written", letters.written}, {"lost", letters.lost}};
  if (!letters.failure.empty()) root["dead_letters"]["problem"] = letters.failure;
  if (!reload_.last_problem().empty()) root["last_reload_problem"] = reload_.last_problem();
  // A text that a plugin chose may not be UTF-8; status must come out all the same.
  return root.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<RecordFile> Daemon::record(const std::string& reason) {
  if (!recorder_.on()) return Error{"the recorder is off; daemon.recorder.size turns it on", PICKET_UNSUPPORTED};
  const std::filesystem::path directory = recorder_directory(core_.state_root);
  return write_record_file(recorder_, core_.names, directory, model_.daemon.recorder_keep, reason,
                           parts_.executor->clock().wall_ns());
}

void Daemon::dump() {
  lane_->post([this] {
    if (recorder_.on()) {
      const auto made = record("dump");
      if (made.ok()) parts_.log.answer(LogLevel::info, "", "recorded", {{"file", made->path}, {"lines", made->lines}});
      if (!made.ok()) parts_.log.answer(LogLevel::error, "", "cannot write the record: " + made.error().message);
    }
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
                         {"created", ledger.created},
                         {"filtered", ledger.filtered},
                         {"delivered", ledger.delivered},
                         {"absorbed", ledger.absorbed},
                         {"dead", ledger.dead},
                         {"dropped", ledger.dropped_total()},
                         {"queued", ledger.queued},
                         {"in_flight", ledger.in_flight},
                         {"spooled", ledger.spooled},
                         {"bytes", status.bytes}});
    }
  });
}

std::string Daemon::counters_json(bool detail) const {
  constexpr const char* kInstruments[] = {"gauge", "counter", "updowncounter"};
  Json root = detail ? Json::array() : Json::object();
  for (const auto& [name, instance] : instances_) {
    for (const plugin_host::CounterValue& counter : instance->counters()) {
      if (!detail) {
        root[name][counter.name] = counter.value;
        continue;
      }
      root.push_back({{"instance", name},
                      {"name", counter.name},
                      {"unit", counter.unit},
                      {"instrument", kInstruments[std::min<std::uint32_t>(counter.instrument, 2)]},
                      {"help", counter.help},
                      {"value", counter.value}});
    }
  }
  return root.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string Daemon::commands_json() const {
  Json all = Json::array();
  for (const auto& [instance, commands] : core_.commands.list()) {
    for (const plugin_host::CommandInfo& command : commands) {
      Json schema = Json::parse(command.args_schema, nullptr, false);
      if (!schema.is_object()) schema = {{"type", "object"}, {"additionalProperties", false}};  // it takes none
      all.push_back({{"instance", instance},
                     {"command", command.name},
                     {"summary", command.summary},
                     {"read_only", command.read_only},
                     {"args_schema", std::move(schema)}});
    }
  }
  return all.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// --- the commands of `picket` --------------------------------------------------------------------------------------

std::vector<plugin_host::CommandInfo> Daemon::command_list() {
  // In the order of enum Command.
  return {{"status", "The state of every instance and route", "", true},
          {"counters", "The counters of every instance", kCountersArgs, true},
          {"reload", "Read the configuration again and apply what changed", kReloadArguments, false},
          {"flush", "Ask every sink to write out what it holds", "", false},
          {"dump", "Write the state of everything to the log", "", true},
          {"stop", "Stop the daemon, draining its queues", "", false},
          {"confirm", "Keep the configuration that a reload with `confirm` applied", "", false},
          {"rollback", "Put back the configuration from before a reload that awaits its confirmation", "", false},
          {"plan", "What a reload would do now, and what would be lost", "", true},
          {"record", "Write what the flight recorder holds to a file below state_dir/recorder", kRecordArgs, false},
          {"commands", "Every command of every instance, with the schema of its argument", "", true}};
}

void Daemon::execute_reload(const std::string& args_json, picket_call call) {
  const auto args = Json::parse(args_json, nullptr, false);
  std::int64_t confirm_ns = 0;
  if (args.is_object() && args.contains("confirm")) {
    const auto given = config::parse_duration(args["confirm"].is_string() ? args["confirm"].get<std::string>() : "");
    if (!given.ok() || *given < kMinConfirm || *given > kMaxConfirm) {
      return core_.commands.reply(call, PICKET_INVALID, "`confirm` must be a duration from 100ms to 1d, like \"60s\"");
    }
    confirm_ns = *given;
  }
  const auto done = [this, call](const Result<void>& result) {
    if (!result.ok()) return core_.commands.reply(call, result.error().status, result.error().message);
    Json answer{{"generation", reload_.generation()}, {"hash", reload_.hash()}};
    if (awaits_confirmation()) {
      answer["confirm_within_s"] =
          (reload_.confirm_by_ns() - parts_.executor->clock().monotonic_ns()) / platform::kSecond;
    }
    core_.commands.reply(call, PICKET_OK, answer.dump());
  };
  reload_.request(confirm_ns, done);
}

void Daemon::execute(std::uint32_t index, std::string args_json, picket_call call) {
  const auto reply = [this, call](const std::string& json) { core_.commands.reply(call, PICKET_OK, json); };
  const auto reply_result = [this, call](const Result<void>& result) {
    if (!result.ok()) return core_.commands.reply(call, result.error().status, result.error().message);
    core_.commands.reply(call, PICKET_OK, Json{{"generation", reload_.generation()}, {"hash", reload_.hash()}}.dump());
  };
  lane_->post([this, index, args = std::move(args_json), call, reply, reply_result] {
    switch (index) {
      case kStatus:
        return reply(status_json());
      case kCounters:
        return reply(counters_json(Json::parse(args).value("detail", false)));
      case kCommands:
        return reply(commands_json());
      case kReload:
        return execute_reload(args, call);
      case kConfirm:
        return reply_result(reload_.confirm());
      case kRollback:
        return reload_.roll_back(reply_result);
      case kPlan: {
        const auto plan = plan_json();
        if (plan.ok()) return reply(*plan);
        return core_.commands.reply(call, plan.error().status, plan.error().message);
      }
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
      case kRecord: {
        const Json given = Json::parse(args, nullptr, false);
        const auto made = record(given.is_object() ? given.value("reason", std::string("asked for")) : "asked for");
        if (!made.ok()) return core_.commands.reply(call, made.error().status, made.error().message);
        return reply(Json{{"file", made->path}, {"events", made->events}, {"lines", made->lines}}.dump());
      }
      default:
        return core_.commands.reply(call, PICKET_NOT_FOUND, "no such command");
    }
  });
}

void Daemon::abandoned(picket_call /*call*/) {}

}  // namespace picket::service

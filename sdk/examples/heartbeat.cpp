// SPDX-License-Identifier: Apache-2.0
//
// A whole plugin: emits one event each `interval` and counts them. Runs on the host's timers, so on no thread of its
// own.
#include <picket/plugin.hpp>

namespace {

constexpr char kSchema[] = R"({
  "type": "object", "additionalProperties": false,
  "properties": {"interval": {"description": "how often it beats", "type": "string", "format": "duration",
                              "default": "10s", "minimum": "1ms"}}})";

class Heartbeat : public picket::Plugin {
 public:
  Heartbeat(picket::Host host, const picket::Config& config)
      : Plugin(host), interval_(config.duration("/interval", std::chrono::seconds(10))) {}

  void start() override {
    timer_ = picket::Timer::aligned(host(), interval_, [this](const picket::Tick& tick) { beat(tick.due_ns); });
  }
  void stop() override { timer_.cancel(); }

 private:
  void beat(std::int64_t time_ns) {
    picket::Batch batch(host(), 1, 1, 0);
    batch.add(kind_).time(time_ns).severity(picket::Severity::info).set(count_, ++beats_);
    if (batch.emit() == PICKET_OK) emitted_.add();
  }

  std::chrono::nanoseconds interval_;
  picket::Name kind_ = host().name("heartbeat"), count_ = host().name("count");
  picket::Counter emitted_{host(), "beats", "{beat}", "beats that were taken by every route"};
  std::int64_t beats_ = 0;
  picket::Timer timer_;
};

}  // namespace

PICKET_PLUGIN(Heartbeat, {.id = "heartbeat",
                          .version = "1.0.0",
                          .summary = "emits a regular heartbeat",
                          .config_schema = kSchema});

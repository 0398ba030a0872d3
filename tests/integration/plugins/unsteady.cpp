// SPDX-License-Identifier: Apache-2.0
//
// A sink with the troubles that its settings ask for, so that tests can watch the daemon live with it.
#include <filesystem>
#include <future>
#include <picket/plugin.hpp>

namespace {

constexpr char kSchema[] = R"({
  "type": "object", "additionalProperties": false,
  "properties": {
    "cannot_start_while": {"description": "a file: start throws while it exists", "type": "string"},
    "ill_while": {"description": "a file: of bad health while it exists", "type": "string"},
    "mood": {"description": "means nothing: a setting to change", "type": "string"},
    "busy": {"description": "takes no event, ever", "type": "boolean", "default": false},
    "hangs_at_stop": {"description": "stop never returns", "type": "boolean", "default": false}}})";

class Unsteady : public picket::Plugin, public picket::Sink, public picket::Health {
 public:
  Unsteady(picket::Host host, const picket::Config& config)
      : Plugin(host),
        obstacle_(config.text("/cannot_start_while", "")),
        illness_(config.text("/ill_while", "")),
        busy_(config.boolean("/busy", false)),
        hangs_at_stop_(config.boolean("/hangs_at_stop", false)) {}

  void start() override {
    if (!obstacle_.empty() && std::filesystem::exists(obstacle_)) {
      throw picket::Failure("there is an obstacle: " + obstacle_, PICKET_FAILED);
    }
    host().info("started in spite of everything");
  }
  void stop() override {
    if (!hangs_at_stop_) return;
    host().info("hangs now");
    std::promise<void> never;
    never.get_future().wait();
  }
  picket::HealthReport health() override {
    if (illness_.empty() || !std::filesystem::exists(illness_)) return picket::HealthReport::good();
    return picket::HealthReport::bad("there is an illness");
  }
  picket_status consume(const picket::Delivery& /*delivery*/) override { return busy_ ? PICKET_BUSY : PICKET_OK; }

 private:
  const std::string obstacle_, illness_;
  const bool busy_, hangs_at_stop_;
};

}  // namespace

PICKET_PLUGIN(Unsteady, {.id = "unsteady", .version = "1", .summary = "has troubles", .config_schema = kSchema});

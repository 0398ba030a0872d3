// SPDX-License-Identifier: Apache-2.0
//
// A sink that counts events by kind, and says so when asked. Replace what it does with what yours does.
#include <map>
#include <mutex>
#include <picket/plugin.hpp>
#include <string>

namespace {

constexpr char kSchema[] = R"({
  "type": "object", "additionalProperties": false,
  "properties": {"kinds": {"description": "how many kinds to tell apart at most", "type": "integer",
                           "default": 100, "minimum": 1, "maximum": 10000}}})";

class EventTally : public picket::Plugin, public picket::Sink, public picket::Commands {
 public:
  static constexpr picket::CommandInfo kCommands[] = {
      {.name = "tally", .summary = "events seen, by kind", .read_only = true},
  };

  EventTally(picket::Host host, const picket::Config& config)
      : Plugin(host), limit_(static_cast<std::size_t>(config.integer("/kinds", 100))) {}

  // [deliver]
  picket_status consume(const picket::Delivery& delivery) override {
    const std::lock_guard lock(mutex_);
    for (const picket::EventView event : delivery) {
      const auto found = tally_.find(event.kind().id);
      if (found != tally_.end()) {
        ++found->second;
      } else if (tally_.size() < limit_) {
        tally_.emplace(event.kind().id, 1);
      } else {
        uncounted_.add();
      }
    }
    return PICKET_OK;
  }

  // [control], so a consume() may be running: hence the lock.
  void execute(std::string_view /*command*/, std::string_view /*args*/, picket::Reply&& reply) override {
    const std::lock_guard lock(mutex_);
    std::string json = "{";
    for (const auto& [kind, count] : tally_) {
      if (json.size() > 1) json += ',';
      json.append("\"").append(host().text(picket::Name{kind})).append("\":").append(std::to_string(count));
    }
    reply.ok(json + "}");
  }

 private:
  const std::size_t limit_;
  picket::Counter uncounted_{host(), "uncounted", "{event}", "events of kinds beyond the limit"};
  std::mutex mutex_;
  std::map<picket_name, std::uint64_t> tally_;  // guarded by mutex_
};

}  // namespace

PICKET_PLUGIN(EventTally,
              {.id = "event_tally", .version = "0.1.0", .summary = "counts events by kind", .config_schema = kSchema});

// SPDX-License-Identifier: Apache-2.0
//
// A source that tells of the last two days as if it had watched them, every ten minutes, so that a test can ask a
// running daemon about yesterday. extension_test.cpp knows what is told:
//   the processor is busy (0.9 and not 0.2) from 20 to 18 whole hours ago, about which there is an alert
//   load is four times that
//   nothing is known from 30 to 27 hours ago
//   eth0 receives 1,000 bytes a second and its counter began again 10 hours ago; it sends 500; lo has 10 each way
//   /data had 100 GB two days ago, gets 1 GB an hour, and has 48 GB left
//   the memory used is 1 GB more each hour of the day (UTC)
#include <picket/plugin.hpp>

namespace {

using picket::Instrument;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kHour = 3'600 * kSecond;
constexpr std::int64_t kEvery = 600 * kSecond;

constexpr char kSchema[] = R"({"type": "object", "additionalProperties": false, "properties": {}})";

class PastDays : public picket::Plugin {
 public:
  PastDays(picket::Host host, const picket::Config& /*config*/) : Plugin(host) {}

  void start() override {
    timer_ = picket::Timer::every(host(), std::chrono::milliseconds(50), [this](const picket::Tick&) { tell_more(); });
  }
  void stop() override { timer_.cancel(); }

 private:
  // A batch each time, and again when a route is busy.
  void tell_more() {
    if (end_ == 0) {
      end_ = host().wall_ns() / kEvery * kEvery;
      next_ = end_ - 48 * kHour;
    }
    const std::int64_t until = std::min(next_ + 6 * kHour, end_ + 1);
    if (next_ >= until) return timer_.cancel();
    picket::Batch batch(host(), 1'000, 8'000, 64'000);
    for (std::int64_t time = next_; time < until; time += kEvery) tell(batch, time);
    if (batch.emit() == PICKET_OK) next_ += (until - next_ + kEvery - 1) / kEvery * kEvery;
  }

  void tell(picket::Batch& batch, std::int64_t time) {
    const std::int64_t this_hour = end_ / kHour * kHour;
    const std::int64_t hours_ago = (this_hour - time + kHour - 1) / kHour;
    if (hours_ago <= 30 && hours_ago > 27) return;
    const bool busy = hours_ago <= 20 && hours_ago > 18;
    const double used = busy ? 0.9 : 0.2;
    add(batch, time, cpu_, used).set(mode_, "user");
    add(batch, time, cpu_, 1 - used).set(mode_, "idle");
    add(batch, time, load_, 4 * used);
    const double passed = static_cast<double>(time - (end_ - 48 * kHour)) / static_cast<double>(kSecond);
    const double since_restart = static_cast<double>(time - (this_hour - 10 * kHour)) / static_cast<double>(kSecond);
    const double received = 1'000 * (since_restart < 0 ? passed : since_restart);
    add(batch, time, io_, received).set(interface_, "eth0").set(direction_, "receive");
    add(batch, time, io_, 500 * passed).set(interface_, "eth0").set(direction_, "transmit");
    add(batch, time, io_, 10 * passed).set(interface_, "lo").set(direction_, "receive");
    add(batch, time, io_, 10 * passed).set(interface_, "lo").set(direction_, "transmit");
    add(batch, time, room_, 100e9 + 1e9 / 3'600 * passed).set(mount_, "/data").set(state_, "used");
    add(batch, time, room_, 48e9 + 48e9 - 1e9 / 3'600 * passed).set(mount_, "/data").set(state_, "free");
    add(batch, time, memory_, 1e9 * static_cast<double>(time / kHour % 24 + 1)).set(memory_state_, "used");
    if (hours_ago == 20 && time % kHour == 0) {
      batch.add(host().name("alert"))
          .time(time)
          .severity(picket::Severity::warning)
          .set(host().name("message"), "busy");
    }
  }

  picket::EventBuilder add(picket::Batch& batch, std::int64_t time, picket::Name metric, double value) {
    return batch.add(kind_).time(time).set(name_, metric).set(value_, value);
  }

  picket::Name metric(std::string_view name, Instrument instrument) {
    return host().describe_metric({.name = name, .instrument = instrument});
  }

  picket::Name kind_ = host().name("metric"), name_ = host().name("name"), value_ = host().name("value");
  picket::Name mode_ = host().name("cpu.mode"), interface_ = host().name("network.interface.name"),
               direction_ = host().name("network.io.direction"), mount_ = host().name("system.filesystem.mountpoint"),
               state_ = host().name("system.filesystem.state"), memory_state_ = host().name("system.memory.state");
  picket::Name cpu_ = metric("system.cpu.utilization", Instrument::gauge),
               load_ = metric("system.cpu.load_average.1m", Instrument::gauge),
               io_ = metric("system.network.io", Instrument::counter),
               room_ = metric("system.filesystem.usage", Instrument::updowncounter),
               memory_ = metric("system.memory.usage", Instrument::updowncounter);
  picket::Timer timer_;
  std::int64_t end_ = 0, next_ = 0;
};

}  // namespace

PICKET_PLUGIN(PastDays,
              {.id = "past_days", .version = "1", .summary = "tells of the last two days", .config_schema = kSchema});

// SPDX-License-Identifier: Apache-2.0
//
// Linux half of the group `hwmon`: the files of the sensors stay open; which sensors there are is looked up once a
// minute, and at the next reading after one has gone. Values are integers in thousandths (rpm for fans, millionths for
// power and energy).
#include <array>
#include <cerrno>
#include <memory>

#include "hwmon.hpp"
#include "proc_file.hpp"
#include "scan.hpp"
#include "sensors.hpp"

namespace picket::perf_collector {

namespace {

constexpr std::int64_t kLookAgain = 60'000'000'000;  // ns
constexpr std::size_t kLongestValue = 64;
constexpr std::array<double, kSensorKinds> kUnits{1e3, 1, 1e3, 1e3, 1e6, 1e6};

// What a driver answers for a sensor that has nothing to show now: nothing plugged in, device asleep, busy.
bool is_no_value(int error) {
  return error == ENODATA || error == EAGAIN || error == ENXIO || error == ENETDOWN || error == EBUSY ||
         error == ETIMEDOUT;
}

class HwmonGroup final : public Group {
 public:
  HwmonGroup(const Choice& sensors, bool asked, const Machine& machine, const Vocabulary& vocabulary)
      : choice_(sensors),
        asked_(asked),
        folder_(machine.sys + "/class/hwmon"),
        metrics_{vocabulary.metric(kTemperature), vocabulary.metric(kFanSpeed), vocabulary.metric(kVoltage),
                 vocabulary.metric(kCurrent),     vocabulary.metric(kPower),    vocabulary.metric(kEnergy)},
        id_key_(vocabulary.name("hw.id")),
        name_key_(vocabulary.name("hw.name")),
        absent_fault_(faults_.add("groups.hwmon")),
        most_fault_(faults_.add(folder_)),
        value_fault_(faults_.add("sensor")) {}

  void collect(std::int64_t monotonic_ns, Samples& samples) override {
    if (look_ || monotonic_ns - looked_ns_ >= kLookAgain) find(monotonic_ns);
    bool good = true;
    for (const auto& sensor : sensors_) good = collect_sensor(*sensor, samples) && good;
    if (good) faults_.good(value_fault_);
  }

 private:
  struct Sensor {
    explicit Sensor(SensorPlace where) : place(std::move(where)), file(place.path, kLongestValue) {}
    SensorPlace place;
    ProcFile file;
  };

  void find(std::int64_t monotonic_ns) {
    look_ = false;
    looked_ns_ = monotonic_ns;
    std::size_t left_out = 0;
    std::vector<std::unique_ptr<Sensor>> now;
    for (SensorPlace& place : find_sensors(folder_, choice_, left_out)) {
      if (metrics_[static_cast<std::size_t>(place.kind)] == 0) continue;
      std::unique_ptr<Sensor> sensor;
      for (auto& before : sensors_) {
        if (before && before->place == place) sensor = std::move(before);
      }
      now.push_back(sensor ? std::move(sensor) : std::make_unique<Sensor>(std::move(place)));
    }
    sensors_ = std::move(now);
    left_out > 0 ? faults_.bad(most_fault_, "more than 500 sensors: choose some with include")
                 : faults_.good(most_fault_);
    sensors_.empty() && asked_
        ? faults_.bad(absent_fault_,
                      "no such sensor below " + folder_ +
                          "; load the driver of the board, or remove the group `hwmon` from the settings")
        : faults_.good(absent_fault_);
  }

  bool collect_sensor(Sensor& sensor, Samples& samples) {
    const auto text = sensor.file.read();
    if (!text) {
      if (sensor.file.missing()) look_ = true;
      if (sensor.file.missing() || is_no_value(sensor.file.error_number())) return true;
      faults_.bad(value_fault_, sensor.place.path + ": " + sensor.file.error());
      return false;
    }
    std::int64_t value = 0;
    if (!Scanner(*text).number(value)) {
      faults_.bad(value_fault_, sensor.place.path + ": holds no number");
      return false;
    }
    const auto kind = static_cast<std::size_t>(sensor.place.kind);
    samples.add(metrics_[kind], static_cast<double>(value) / kUnits[kind])
        .set_text(id_key_, sensor.place.id)
        .set_text(name_key_, sensor.place.name);
    return true;
  }

  Choice choice_;
  bool asked_;
  std::string folder_;
  std::array<picket_name, kSensorKinds> metrics_;
  picket_name id_key_, name_key_;
  Faults::Slot absent_fault_, most_fault_, value_fault_;
  std::vector<std::unique_ptr<Sensor>> sensors_;
  bool look_ = true;
  std::int64_t looked_ns_ = 0;
};

}  // namespace

bool has_hwmon() {
  return true;
}

std::unique_ptr<Group> make_hwmon(const Choice& sensors, bool asked, const Machine& machine,
                                  const Vocabulary& vocabulary) {
  return std::make_unique<HwmonGroup>(sensors, asked, machine, vocabulary);
}

}  // namespace picket::perf_collector

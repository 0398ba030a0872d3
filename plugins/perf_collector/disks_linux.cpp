// SPDX-License-Identifier: Apache-2.0
//
// Linux half of the group `disks`: /proc/diskstats (Documentation/admin-guide/iostats.rst of the kernel), in sectors of
// 512 bytes and in ms. Partitions are told by the file `partition` that sysfs has of them.
#include <unistd.h>

#include "disks.hpp"
#include "items.hpp"
#include "proc_file.hpp"
#include "scan.hpp"

namespace picket::perf_collector {

namespace {

constexpr std::uint64_t kSectorBytes = 512;

class DisksGroup final : public Group {
 public:
  DisksGroup(const DisksSettings& settings, const Machine& machine, const Vocabulary& vocabulary)
      : meter_(vocabulary, true),
        devices_(settings.devices),
        partitions_(settings.partitions),
        sys_(machine.sys),
        file_(machine.proc + "/diskstats"),
        file_fault_(faults_.add(file_.path())),
        line_fault_(faults_.add(file_.path() + ": devices")) {}

  void collect(std::int64_t /*monotonic_ns*/, Samples& samples) override {
    const auto text = file_.read();
    if (!text) return faults_.bad(file_fault_, file_.error());
    faults_.good(file_fault_);

    bool good = true;
    Scanner file(*text);
    std::string_view line;
    devices_.begin();
    while (file.line(line)) {
      Scanner words(line);
      std::string_view device;
      if (!words.skip(2) || !words.word(device)) {
        good = false;
        continue;
      }
      if (!devices_.wants(device, [this](std::string_view name) { return partitions_ || !is_partition(name); }))
        continue;
      DiskReading reading;
      if (parse(words, reading)) {
        meter_.add(device, reading, samples);
      } else {
        good = false;
      }
    }
    if (devices_.end() > 0) return faults_.bad(line_fault_, "more than 1000 of them: choose some with include");
    good ? faults_.good(line_fault_) : faults_.bad(line_fault_, "a line is malformed");
  }

 private:
  // What follows the name: reads, merged, sectors, ms, the same of writes, under way, busy ms, weighted ms.
  static bool parse(Scanner& words, DiskReading& reading) {
    for (DiskReading::Direction* direction : {&reading.read, &reading.write}) {
      if (!words.number(direction->operations) || !words.number(direction->merged) || !words.number(direction->bytes) ||
          !words.number(direction->milliseconds)) {
        return false;
      }
      direction->bytes *= kSectorBytes;
    }
    return words.number(reading.pending) && words.number(reading.busy_ms) && words.number(reading.weighted_ms);
  }

  // Asked once for each device. In sysfs a `/` of a device's name is written `!`.
  bool is_partition(std::string_view device) const {
    std::string name(device);
    for (char& c : name) c = c == '/' ? '!' : c;
    return ::access((sys_ + "/class/block/" + name + "/partition").c_str(), F_OK) == 0;
  }

  DiskMeter meter_;
  Items devices_;
  bool partitions_;
  std::string sys_;
  ProcFile file_;
  Faults::Slot file_fault_, line_fault_;
};

}  // namespace

std::unique_ptr<Group> make_disks(const DisksSettings& settings, const Machine& machine, const Vocabulary& vocabulary) {
  return std::make_unique<DisksGroup>(settings, machine, vocabulary);
}

}  // namespace picket::perf_collector

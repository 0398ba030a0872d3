// SPDX-License-Identifier: Apache-2.0
//
// Linux half of the group `paging`: /proc/vmstat and /proc/swaps (proc(5)), whose sizes are in KiB. A kernel without
// swapping has no /proc/swaps, which is no fault. pgpgin and pgpgout count KiB, pswpin and pswpout pages.
#include "mount_text.hpp"
#include "number_file.hpp"
#include "paging.hpp"
#include "scan.hpp"

namespace picket::perf_collector {

namespace {

RowSpec faults_row(std::string_view type) {
  return {&kPagingFaults, {{{"system.paging.type", type}}}};
}

RowSpec operations_row(std::string_view direction) {
  return {&kPagingOperations, {{{"system.paging.direction", direction}, {"system.paging.type", "major"}}}};
}

RowSpec io_row(std::string_view direction) {
  return {&kPagingIo, {{{"system.paging.direction", direction}}}, 1024};
}

class PagingGroup final : public Group {
 public:
  PagingGroup(const Choice& devices, const Machine& machine, const Vocabulary& vocabulary)
      : meter_(devices, vocabulary),
        vmstat_(machine.proc + "/vmstat", Shape::lines, true,
                {{"pgpgin", io_row("in")},
                 {"pgpgout", io_row("out")},
                 {"pswpin", operations_row("in"), 1, {}, false},
                 {"pswpout", operations_row("out"), 1, {}, false},
                 {"pgmajfault", faults_row("major")},
                 {"pgfault", faults_row("minor"), 1, "pgmajfault"},
                 {"oom_kill", {&kOomKills}, 1, {}, false}},
                vocabulary, faults_),
        swaps_(machine.proc + "/swaps"),
        swaps_fault_(faults_.add(swaps_.path())) {}

  void collect(std::int64_t /*monotonic_ns*/, Samples& samples) override {
    vmstat_.collect(samples);
    if (meter_.wanted()) collect_swaps(samples);
  }

 private:
  // "Filename Type Size Used Priority", then "/dev/sda2 partition 2097148 1024 -2".
  void collect_swaps(Samples& samples) {
    const auto text = swaps_.read();
    if (!text) {
      if (!swaps_.missing()) faults_.bad(swaps_fault_, swaps_.error());
      return;
    }
    bool good = true;
    Scanner file(*text);
    std::string_view line;
    file.line(line);
    meter_.begin();
    while (file.line(line)) {
      Scanner words(line);
      std::string_view device;
      std::int64_t total = 0;
      std::int64_t used = 0;
      if (!words.word(device) || !words.skip(1) || !words.number(total) || !words.number(used) || total < 0 ||
          used < 0 || total > (INT64_MAX >> 10U) || used > total) {
        good = false;
        continue;
      }
      meter_.add(unescaped(device, name_), total * 1024, used * 1024, samples);
    }
    if (meter_.end() > 0) return faults_.bad(swaps_fault_, "more than 1000 devices: choose some with include");
    good ? faults_.good(swaps_fault_) : faults_.bad(swaps_fault_, "a line of it is malformed");
  }

  PagingMeter meter_;
  NumberFile vmstat_;
  ProcFile swaps_;
  Faults::Slot swaps_fault_;
  std::string name_;
};

}  // namespace

std::unique_ptr<Group> make_paging(const Choice& devices, const Machine& machine, const Vocabulary& vocabulary) {
  return std::make_unique<PagingGroup>(devices, machine, vocabulary);
}

}  // namespace picket::perf_collector

// SPDX-License-Identifier: Apache-2.0
//
// Linux half of the group `cpu`: the lines "cpu" and "cpuN" of /proc/stat (proc(5)), in units of USER_HZ. Guest time is
// part of user and nice there, so it is not added again.
#include "cpu.hpp"
#include "proc_file.hpp"
#include "scan.hpp"

namespace picket::perf_collector {

namespace {

constexpr unsigned kAllModes = (1U << kCpuModes) - 1;
constexpr std::int64_t kMostCores = 65'536;

class CpuGroup final : public Group {
 public:
  CpuGroup(const CpuSettings& settings, const Machine& machine, const Vocabulary& vocabulary)
      : settings_(settings),
        meter_(vocabulary, machine.ticks_per_second, kAllModes, settings.cores),
        file_(machine.proc + "/stat"),
        file_fault_(faults_.add(file_.path())),
        total_fault_(faults_.add(file_.path() + ": cpu")),
        core_fault_(faults_.add(file_.path() + ": cpuN")) {}

  void collect(std::int64_t /*monotonic_ns*/, Samples& samples) override {
    const auto text = file_.read();
    if (!text) return faults_.bad(file_fault_, file_.error());
    faults_.good(file_fault_);

    Scanner file(*text);
    std::string_view line;
    std::int64_t online = 0;
    bool have_total = false;
    bool all_cores = true;
    while (file.line(line) && line.starts_with("cpu")) {  // they come first; the rest of the file is long
      CpuReading reading;
      const bool good = parse(line, reading);
      if (line.starts_with("cpu ")) {
        have_total = good;
        if (good) meter_.add(reading, samples);
        continue;
      }
      ++online;
      all_cores = all_cores && good;
      if (good && settings_.per_core) meter_.add(reading, samples);
    }
    if (online > 0) meter_.add_count(online, samples);
    have_total ? faults_.good(total_fault_) : faults_.bad(total_fault_, "missing, or a number in it is malformed");
    all_cores ? faults_.good(core_fault_) : faults_.bad(core_fault_, "a number in it is malformed");
  }

 private:
  // "cpu3 user nice system idle iowait irq softirq steal ..."
  static bool parse(std::string_view line, CpuReading& reading) {
    Scanner scanner(line.substr(3));
    if (line.size() > 3 && line[3] != ' ' && (!scanner.number(reading.core) || !valid(reading.core))) return false;
    std::uint64_t soft_interrupt = 0;
    auto& units = reading.units;
    for (const CpuMode mode : {kUser, kNice, kSystem, kIdle, kIowait, kInterrupt}) {
      if (!scanner.number(units[mode])) return false;
    }
    if (!scanner.number(soft_interrupt) || !scanner.number(units[kSteal])) return false;
    units[kInterrupt] += soft_interrupt;
    return true;
  }

  static bool valid(int core) { return core >= 0 && core < kMostCores; }

  CpuSettings settings_;
  CpuMeter meter_;
  ProcFile file_;
  Faults::Slot file_fault_, total_fault_, core_fault_;
};

}  // namespace

std::unique_ptr<Group> make_cpu(const CpuSettings& settings, const Machine& machine, const Vocabulary& vocabulary) {
  return std::make_unique<CpuGroup>(settings, machine, vocabulary);
}

}  // namespace picket::perf_collector

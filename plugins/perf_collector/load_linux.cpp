// SPDX-License-Identifier: Apache-2.0
//
// Linux half of the group `load`: the first three numbers of /proc/loadavg (proc(5)).
#include <array>

#include "load.hpp"
#include "proc_file.hpp"
#include "scan.hpp"

namespace picket::perf_collector {

namespace {

class LoadGroup final : public Group {
 public:
  LoadGroup(const Machine& machine, const Vocabulary& vocabulary)
      : metrics_{vocabulary.metric(kLoad1), vocabulary.metric(kLoad5), vocabulary.metric(kLoad15)},
        file_(machine.proc + "/loadavg"),
        fault_(faults_.add(file_.path())) {}

  void collect(std::int64_t /*monotonic_ns*/, Samples& samples) override {
    const auto text = file_.read();
    if (!text) return faults_.bad(fault_, file_.error());
    Scanner scanner(*text);
    for (const picket_name metric : metrics_) {
      double load = 0;
      if (!scanner.number(load)) return faults_.bad(fault_, "one of the three load averages is missing or malformed");
      samples.add(metric, load);
    }
    faults_.good(fault_);
  }

 private:
  std::array<picket_name, 3> metrics_;
  ProcFile file_;
  Faults::Slot fault_;
};

}  // namespace

bool has_load() {
  return true;
}

std::unique_ptr<Group> make_load(const Machine& machine, const Vocabulary& vocabulary) {
  return std::make_unique<LoadGroup>(machine, vocabulary);
}

}  // namespace picket::perf_collector

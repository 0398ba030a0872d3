// SPDX-License-Identifier: Apache-2.0
//
// Linux half of the group `kernel`: /proc/stat, /proc/uptime, the number of threads in /proc/loadavg, and a few files
// of /proc/sys (proc(5)). A kernel built without one of the latter has no such file, which is no fault.
#include "kernel.hpp"
#include "number_file.hpp"
#include "scan.hpp"

namespace picket::perf_collector {

namespace {

RowSpec soft_row(std::string_view kind) {
  return {&kSoftInterrupts, {{{"system.kernel.soft_interrupt", kind}}}};
}

class KernelGroup final : public Group {
 public:
  KernelGroup(const Machine& machine, const Vocabulary& vocabulary)
      : stat_(machine.proc + "/stat", Shape::lines, true,
              {{"intr", {&kInterrupts}},
               {"ctxt", {&kContextSwitches}},
               {"btime", {&kBootTime}},
               {"processes", {&kProcessesCreated}},
               // In the order of the kernel's own list; the first number is their sum.
               {"softirq", soft_row("hi"), 2, {}, false},
               {"softirq", soft_row("timer"), 3, {}, false},
               {"softirq", soft_row("net_tx"), 4, {}, false},
               {"softirq", soft_row("net_rx"), 5, {}, false},
               {"softirq", soft_row("block"), 6, {}, false},
               {"softirq", soft_row("irq_poll"), 7, {}, false},
               {"softirq", soft_row("tasklet"), 8, {}, false},
               {"softirq", soft_row("sched"), 9, {}, false},
               {"softirq", soft_row("hrtimer"), 10, {}, false},
               {"softirq", soft_row("rcu"), 11, {}, false}},
              vocabulary, faults_),
        uptime_(machine.proc + "/uptime", Shape::lines, true, {{"", {&kUptime, {}, 1, 2}}}, vocabulary, faults_),
        entropy_(machine.proc + "/sys/kernel/random/entropy_avail", Shape::lines, false, {{"", {&kEntropy}}},
                 vocabulary, faults_),
        files_(machine.proc + "/sys/fs/file-nr", Shape::lines, false,
               {{"", {&kFileHandles}}, {"", {&kFileHandlesLimit}, 3}}, vocabulary, faults_),
        threads_limit_(machine.proc + "/sys/kernel/threads-max", Shape::lines, false, {{"", {&kThreadsLimit}}},
                       vocabulary, faults_),
        pid_limit_(machine.proc + "/sys/kernel/pid_max", Shape::lines, false, {{"", {&kPidLimit}}}, vocabulary,
                   faults_),
        threads_(vocabulary.metric(kThreads)),
        load_(machine.proc + "/loadavg", 256),
        load_fault_(faults_.add(load_.path() + ": threads")) {}

  void collect(std::int64_t /*monotonic_ns*/, Samples& samples) override {
    for (NumberFile* file : {&stat_, &uptime_, &entropy_, &files_, &threads_limit_, &pid_limit_})
      file->collect(samples);
    if (threads_ != 0) collect_threads(samples);
  }

 private:
  // "0.80 0.72 1.62 3/114 19475": the second number of the fourth word.
  void collect_threads(Samples& samples) {
    const auto text = load_.read();
    if (!text) {
      if (!load_.missing()) faults_.bad(load_fault_, load_.error());
      return;
    }
    Scanner words(*text);
    std::string_view word;
    std::int64_t threads = 0;
    if (!words.skip(3) || !words.word(word) || word.find('/') == std::string_view::npos ||
        !Scanner(word.substr(word.find('/') + 1)).number(threads)) {
      return faults_.bad(load_fault_, "missing or malformed");
    }
    faults_.good(load_fault_);
    samples.add(threads_, threads);
  }

  NumberFile stat_, uptime_, entropy_, files_, threads_limit_, pid_limit_;
  picket_name threads_;
  ProcFile load_;
  Faults::Slot load_fault_;
};

}  // namespace

std::unique_ptr<Group> make_kernel(const Machine& machine, const Vocabulary& vocabulary) {
  return std::make_unique<KernelGroup>(machine, vocabulary);
}

}  // namespace picket::perf_collector

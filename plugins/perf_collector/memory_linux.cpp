// SPDX-License-Identifier: Apache-2.0
//
// Linux half of the group `memory`: /proc/meminfo (proc(5)), whose numbers are in KiB.
//
// `cached` is Cached + SReclaimable and `used` is the rest, as free(1) has it, so that the states add up to the total.
// A line that is missing or malformed loses the values that are made from it, and no other.
#include <string_view>

#include "memory.hpp"
#include "proc_file.hpp"
#include "scan.hpp"

namespace picket::perf_collector {

namespace {

enum Line : std::size_t {
  kTotal,
  kFreeLine,
  kAvailable,
  kBuffersLine,
  kCachedLine,
  kShared,
  kReclaimable,
  kUnreclaim,
  kLines
};
constexpr std::array<std::string_view, kLines> kLineNames{"MemTotal", "MemFree", "MemAvailable", "Buffers",
                                                          "Cached",   "Shmem",   "SReclaimable", "SUnreclaim"};

class MemoryGroup final : public Group {
 public:
  MemoryGroup(const Machine& machine, const Vocabulary& vocabulary)
      : meter_(vocabulary),
        shared_(vocabulary.metric(kMemoryShared)),
        available_(vocabulary.metric(kMemoryAvailable)),
        slab_(vocabulary.metric(kMemorySlab)),
        slab_key_(vocabulary.name("linux.memory.slab.state")),
        reclaimable_(vocabulary.name("reclaimable")),
        unreclaimable_(vocabulary.name("unreclaimable")),
        file_(machine.proc + "/meminfo"),
        file_fault_(faults_.add(file_.path())) {
    for (std::size_t line = 0; line < kLines; ++line) {
      line_faults_[line] = faults_.add(file_.path() + ": " + std::string(kLineNames[line]));
    }
  }

  void collect(std::int64_t /*monotonic_ns*/, Samples& samples) override {
    const auto text = file_.read();
    if (!text) return faults_.bad(file_fault_, file_.error());
    faults_.good(file_fault_);
    parse(*text);

    const std::int64_t limit = have(kTotal) ? bytes_[kTotal] : 0;
    if (have(kTotal)) meter_.add_limit(limit, samples);
    if (have(kFreeLine)) meter_.add(MemoryMeter::kFree, bytes_[kFreeLine], limit, samples);
    if (have(kBuffersLine)) meter_.add(MemoryMeter::kBuffers, bytes_[kBuffersLine], limit, samples);
    if (have(kCachedLine) && have(kReclaimable)) {
      const std::int64_t cached = bytes_[kCachedLine] + bytes_[kReclaimable];
      meter_.add(MemoryMeter::kCached, cached, limit, samples);
      if (have(kTotal) && have(kFreeLine) && have(kBuffersLine)) {
        const std::int64_t used = limit - bytes_[kFreeLine] - bytes_[kBuffersLine] - cached;
        meter_.add(MemoryMeter::kUsed, used > 0 ? used : 0, limit, samples);
      }
    }
    if (have(kShared)) samples.add(shared_, bytes_[kShared]);
    if (have(kAvailable)) samples.add(available_, bytes_[kAvailable]);
    if (have(kReclaimable)) samples.add(slab_, bytes_[kReclaimable]).set(slab_key_, reclaimable_);
    if (have(kUnreclaim)) samples.add(slab_, bytes_[kUnreclaim]).set(slab_key_, unreclaimable_);
  }

 private:
  bool have(Line line) const { return bytes_[line] >= 0; }

  // Fills bytes_; -1 where there was no good line.
  void parse(std::string_view text) {
    bytes_.fill(-1);
    Scanner file(text);
    std::string_view line;
    std::size_t missing = kLines;
    while (missing > 0 && file.line(line)) {
      const std::size_t colon = line.find(':');
      if (colon == std::string_view::npos) continue;
      const std::string_view name = line.substr(0, colon);
      for (std::size_t i = 0; i < kLines; ++i) {
        if (name != kLineNames[i]) continue;
        bytes_[i] = number(line.substr(colon + 1));
        --missing;
        break;
      }
    }
    for (std::size_t i = 0; i < kLines; ++i) {
      bytes_[i] >= 0 ? faults_.good(line_faults_[i]) : faults_.bad(line_faults_[i], "missing, or no number of kB");
    }
  }

  // "  24684092 kB" in bytes, or -1.
  static std::int64_t number(std::string_view text) {
    Scanner scanner(text);
    std::int64_t kilobytes = 0;
    std::string_view unit;
    if (!scanner.number(kilobytes) || !scanner.word(unit) || unit != "kB") return -1;
    return kilobytes < 0 || kilobytes > (INT64_MAX >> 10U) ? -1 : kilobytes * 1024;
  }

  MemoryMeter meter_;
  picket_name shared_, available_, slab_, slab_key_, reclaimable_, unreclaimable_;
  ProcFile file_;
  Faults::Slot file_fault_;
  std::array<Faults::Slot, kLines> line_faults_{};
  std::array<std::int64_t, kLines> bytes_{};
};

}  // namespace

std::unique_ptr<Group> make_memory(const Machine& machine, const Vocabulary& vocabulary) {
  return std::make_unique<MemoryGroup>(machine, vocabulary);
}

}  // namespace picket::perf_collector

// SPDX-License-Identifier: Apache-2.0
//
// Linux half of the group `pressure`: /proc/pressure/* (Documentation/accounting/psi.rst of the kernel), averages in
// percent with two decimals, totals in us. Not every kernel has every file, nor the line `full` of cpu.
#include <array>
#include <vector>

#include "pressure.hpp"
#include "proc_file.hpp"
#include "scan.hpp"

namespace picket::perf_collector {

namespace {

constexpr std::array<std::string_view, 4> kResources{"cpu", "memory", "io", "irq"};
constexpr std::size_t kLongestFile = 1024;

class PressureGroup final : public Group {
 public:
  PressureGroup(const Choice& resources, bool asked, const Machine& machine, const Vocabulary& vocabulary)
      : asked_(asked),
        time_(vocabulary.metric(kPressureTime)),
        averages_{vocabulary.metric(kPressure10), vocabulary.metric(kPressure60), vocabulary.metric(kPressure300)},
        resource_key_(vocabulary.name("system.pressure.resource")),
        kind_key_(vocabulary.name("system.pressure.kind")),
        some_(vocabulary.name("some")),
        full_(vocabulary.name("full")),
        absent_fault_(faults_.add("groups.pressure")) {
    for (const std::string_view resource : kResources) {
      if (!resources.wants(resource)) continue;
      const std::string path = machine.proc + "/pressure/" + std::string(resource);
      files_.push_back(std::make_unique<File>(path, vocabulary.name(resource), faults_.add(path)));
    }
  }

  void collect(std::int64_t /*monotonic_ns*/, Samples& samples) override {
    std::size_t missing = 0;
    for (const auto& file : files_) {
      const auto text = file->text.read();
      if (!text && file->text.missing()) {
        ++missing;
      } else if (!text) {
        faults_.bad(file->fault, file->text.error());
      } else if (!parse(*text, *file, samples)) {
        faults_.bad(file->fault, "a line is malformed");
      } else {
        faults_.good(file->fault);
      }
    }
    if (missing < files_.size()) return faults_.good(absent_fault_);
    if (asked_) {
      faults_.bad(absent_fault_,
                  "this kernel has no pressure stall information of that kind; boot it with psi=1, or remove the group "
                  "`pressure` from the settings");
    }
  }

 private:
  struct File {
    File(const std::string& path, picket_name name, Faults::Slot slot)
        : text(path, kLongestFile), resource(name), fault(slot) {}
    ProcFile text;
    picket_name resource;
    Faults::Slot fault;
  };

  // "some avg10=5.22 avg60=2.01 avg300=2.07 total=6932571252".
  bool parse(std::string_view text, const File& file, Samples& samples) const {
    constexpr std::array<std::string_view, 4> kKeys{"avg10=", "avg60=", "avg300=", "total="};
    bool good = true;
    Scanner lines(text);
    std::string_view line;
    while (lines.line(line)) {
      Scanner words(line);
      std::string_view kind, word;
      words.word(kind);
      if (kind != "some" && kind != "full") {
        good = false;
        continue;
      }
      for (std::size_t i = 0; i < kKeys.size(); ++i) {
        std::int64_t number = 0;
        if (!words.word(word) || !word.starts_with(kKeys[i]) ||
            !Scanner(word.substr(kKeys[i].size())).fixed(i < 3 ? 2 : 0, number)) {
          good = false;
          break;
        }
        // Percent with two decimals are units of a ten-thousandth.
        i < 3 ? samples.add(averages_[i], static_cast<double>(number) / 1e4)
              : samples.add(time_, static_cast<double>(number) / 1e6);
        samples.set(resource_key_, file.resource).set(kind_key_, kind == "some" ? some_ : full_);
      }
    }
    return good;
  }

  bool asked_;
  picket_name time_;
  std::array<picket_name, 3> averages_;
  picket_name resource_key_, kind_key_, some_, full_;
  Faults::Slot absent_fault_;
  std::vector<std::unique_ptr<File>> files_;
};

}  // namespace

bool has_pressure() {
  return true;
}

std::unique_ptr<Group> make_pressure(const Choice& resources, bool asked, const Machine& machine,
                                     const Vocabulary& vocabulary) {
  return std::make_unique<PressureGroup>(resources, asked, machine, vocabulary);
}

}  // namespace picket::perf_collector

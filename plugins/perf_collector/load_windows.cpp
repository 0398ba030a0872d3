// SPDX-License-Identifier: Apache-2.0
//
// Windows half of the group `load`: there is no load average, and the group says so as long as it is asked for.
#include "load.hpp"

namespace picket::perf_collector {

namespace {

class NoLoad final : public Group {
 public:
  NoLoad() : fault_(faults_.add("groups.load")) {}

  void collect(std::int64_t /*monotonic_ns*/, Samples& /*samples*/) override {
    faults_.bad(fault_, "Windows has no load average; remove the group `load` from the settings");
  }

 private:
  Faults::Slot fault_;
};

}  // namespace

bool has_load() {
  return false;
}

std::unique_ptr<Group> make_load(const Machine& /*machine*/, const Vocabulary& /*vocabulary*/) {
  return std::make_unique<NoLoad>();
}

}  // namespace picket::perf_collector

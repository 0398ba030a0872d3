// SPDX-License-Identifier: Apache-2.0
//
// Windows half of the group `cgroups`: there are none, and the group says so as long as it is asked for.
#include "cgroups.hpp"

namespace picket::perf_collector {

namespace {

class NoCgroups final : public Group {
 public:
  NoCgroups() : fault_(faults_.add("groups.cgroups")) {}

  void collect(std::int64_t /*monotonic_ns*/, Samples& /*samples*/) override {
    faults_.bad(fault_, "Windows has no control groups; remove the group `cgroups` from the settings");
  }

 private:
  Faults::Slot fault_;
};

}  // namespace

std::unique_ptr<Group> make_cgroups(const CgroupsSettings& /*settings*/, const Machine& /*machine*/,
                                    const Vocabulary& /*vocabulary*/) {
  return std::make_unique<NoCgroups>();
}

}  // namespace picket::perf_collector

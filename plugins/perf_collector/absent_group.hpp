// SPDX-License-Identifier: Apache-2.0
//
// A group of which this operating system has nothing: it says so as long as it is asked for, and collects nothing.
#pragma once

#include <string>
#include <utility>

#include "group.hpp"

namespace picket::perf_collector {

class AbsentGroup final : public Group {
 public:
  AbsentGroup(std::string what, std::string why) : fault_(faults_.add(std::move(what))), why_(std::move(why)) {}

  void collect(std::int64_t /*monotonic_ns*/, Samples& /*samples*/) override { faults_.bad(fault_, why_); }

 private:
  Faults::Slot fault_;
  std::string why_;
};

}  // namespace picket::perf_collector

// SPDX-License-Identifier: Apache-2.0
//
// All groups of one collector: made from the settings, collected when they are due, replaced by a reload. [control]
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "group.hpp"
#include "settings.hpp"

namespace picket::perf_collector {

class Groups {
 public:
  // `vocabulary` outlives this. Throws std::runtime_error when a group cannot be made, or has no metric left.
  Groups(const Settings& settings, const Machine& machine, const Vocabulary& vocabulary);

  // Takes from `old` every group whose own settings are the same, so that its differences go on.
  void adopt(Groups& old);

  // A first reading of every group that was not adopted, so that the first tick already has differences; `scratch` is
  // overwritten.
  void prime(std::int64_t monotonic_ns, Samples& scratch);

  // Collects every group of which a period began since it was last collected, or all of them. `due_ns` is the wall time
  // that the tick stands for. Returns how many groups were due.
  std::size_t collect_due(std::int64_t due_ns, std::int64_t monotonic_ns, Samples& samples);
  void collect_all(std::int64_t monotonic_ns, Samples& samples);

  // See Faults.
  std::uint64_t take_fault_count();
  void tell_fault_changes(const std::function<void(bool failing, const std::string& message)>& tell);
  std::string fault_message() const;

 private:
  struct Entry {
    std::string name;
    bool (*same)(const Settings&, const Settings&);  // whether a reload can keep it
    std::int64_t every_ns;
    std::unique_ptr<Group> group;
    std::optional<std::int64_t> last_period;  // number of the period in which it was last collected
    bool adopted = false;
  };

  // Makes one group if it is on: make(its GroupSettings, the vocabulary with its metrics).
  template <auto Member, typename Make>
  void add(const char* name, const Vocabulary& vocabulary, const Make& make);

  Settings settings_;
  std::vector<Entry> entries_;
};

}  // namespace picket::perf_collector

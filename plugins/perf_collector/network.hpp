// SPDX-License-Identifier: Apache-2.0
//
// The group `network`: traffic of each interface, and the counters of TCP and UDP of the whole machine. InterfaceMeter,
// common to both operating systems, writes the former; the latter are rows of a table.
#pragma once

#include <string_view>

#include "choice.hpp"
#include "group.hpp"
#include "items.hpp"
#include "network_metrics.hpp"

namespace picket::perf_collector {

// Kept out by default: interfaces that come and go with containers, and dummies.
inline constexpr std::string_view kInterfacesExcluded[] = {"veth*", "cali*", "lxc*", "ifb*", "dummy*"};

// The counters of one interface as the system has them.
struct InterfaceReading {
  struct Direction {
    std::uint64_t bytes = 0, packets = 0, errors = 0, dropped = 0;
  };
  Direction receive, transmit;
};

class InterfaceMeter {
 public:
  InterfaceMeter(const Choice& interfaces, const Vocabulary& vocabulary);

  bool wanted() const { return io_ != 0 || packets_ != 0 || errors_ != 0 || dropped_ != 0; }

  // One reading is begin(), wants() and add() for each interface, end(); see Items.
  void begin() { interfaces_.begin(); }
  bool wants(std::string_view name) { return interfaces_.wants(name); }
  void add(std::string_view name, const InterfaceReading& reading, Samples& samples) const;
  std::size_t end() { return interfaces_.end(); }

 private:
  void add_direction(std::string_view name, picket_name direction, const InterfaceReading::Direction& reading,
                     Samples& samples) const;

  Items interfaces_;
  picket_name io_, packets_, errors_, dropped_, name_key_, direction_key_, receive_, transmit_;
};

std::unique_ptr<Group> make_network(const Choice& interfaces, const Machine& machine, const Vocabulary& vocabulary);

}  // namespace picket::perf_collector

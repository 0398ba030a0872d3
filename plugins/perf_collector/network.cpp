// SPDX-License-Identifier: Apache-2.0
//
// See network.hpp.
#include "network.hpp"

#include "rows.hpp"

namespace picket::perf_collector {

InterfaceMeter::InterfaceMeter(const Choice& interfaces, const Vocabulary& vocabulary)
    : interfaces_(interfaces),
      io_(vocabulary.metric(kNetworkIo)),
      packets_(vocabulary.metric(kNetworkPackets)),
      errors_(vocabulary.metric(kNetworkErrors)),
      dropped_(vocabulary.metric(kNetworkDropped)),
      name_key_(vocabulary.name("network.interface.name")),
      direction_key_(vocabulary.name("network.io.direction")),
      receive_(vocabulary.name("receive")),
      transmit_(vocabulary.name("transmit")) {}

void InterfaceMeter::add_direction(std::string_view name, picket_name direction,
                                   const InterfaceReading::Direction& reading, Samples& samples) const {
  const auto append = [&](picket_name metric, std::uint64_t value) {
    samples.add(metric, counter_value(value)).set_text(name_key_, name).set(direction_key_, direction);
  };
  append(io_, reading.bytes);
  append(packets_, reading.packets);
  append(errors_, reading.errors);
  append(dropped_, reading.dropped);
}

void InterfaceMeter::add(std::string_view name, const InterfaceReading& reading, Samples& samples) const {
  add_direction(name, receive_, reading.receive, samples);
  add_direction(name, transmit_, reading.transmit, samples);
}

}  // namespace picket::perf_collector

// SPDX-License-Identifier: Apache-2.0
//
// The metrics of the group `network` and their rows, for both halves of it. Those of TCP and UDP beyond the number of
// connections are not of the semantic conventions.
#pragma once

#include "rows.hpp"

namespace picket::perf_collector {

inline constexpr Metric kNetworkIo{"system.network.io", "By", PICKET_INSTRUMENT_COUNTER, 0,
                                   "Bytes that each interface received and sent."};
inline constexpr Metric kNetworkPackets{"system.network.packets", "{packet}", PICKET_INSTRUMENT_COUNTER, 0,
                                        "Packets that each interface received and sent."};
inline constexpr Metric kNetworkErrors{"system.network.errors", "{error}", PICKET_INSTRUMENT_COUNTER, 0,
                                       "Errors of each interface."};
inline constexpr Metric kNetworkDropped{"system.network.dropped", "{packet}", PICKET_INSTRUMENT_COUNTER, 0,
                                        "Packets that were dropped though there was nothing wrong with them."};
inline constexpr Metric kConnections{"system.network.connection.count", "{connection}", PICKET_INSTRUMENT_UPDOWNCOUNTER,
                                     0, "Connections in a state."};
inline constexpr Metric kSockets{"system.network.sockets", "{socket}", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                 "Sockets of all families that are in use."};
inline constexpr Metric kTcpActive{"system.network.tcp.active_opens", "{connection}", PICKET_INSTRUMENT_COUNTER, 0,
                                   "Connections that this machine began to open."};
inline constexpr Metric kTcpPassive{"system.network.tcp.passive_opens", "{connection}", PICKET_INSTRUMENT_COUNTER, 0,
                                    "Connections that others opened to this machine."};
inline constexpr Metric kTcpFailed{"system.network.tcp.failed_attempts", "{connection}", PICKET_INSTRUMENT_COUNTER, 0,
                                   "Connections that were never established."};
inline constexpr Metric kTcpResets{"system.network.tcp.resets", "{connection}", PICKET_INSTRUMENT_COUNTER, 0,
                                   "Established connections that ended by a reset."};
inline constexpr Metric kTcpSegments{"system.network.tcp.segments", "{segment}", PICKET_INSTRUMENT_COUNTER, 0,
                                     "Segments received and sent, retransmitted ones left out."};
inline constexpr Metric kTcpRetransmits{"system.network.tcp.retransmits", "{segment}", PICKET_INSTRUMENT_COUNTER, 0,
                                        "Segments that were sent again."};
inline constexpr Metric kTcpErrors{"system.network.tcp.errors", "{segment}", PICKET_INSTRUMENT_COUNTER, 0,
                                   "Segments that came damaged."};
inline constexpr Metric kTcpTimeouts{"system.network.tcp.timeouts", "{timeout}", PICKET_INSTRUMENT_COUNTER, 0,
                                     "Times that an answer did not come in time and sending began anew."};
inline constexpr Metric kTcpListenOverflows{"system.network.tcp.listen_overflows", "{connection}",
                                            PICKET_INSTRUMENT_COUNTER, 0,
                                            "Connections refused because a program did not accept them fast enough."};
inline constexpr Metric kTcpListenDrops{"system.network.tcp.listen_drops", "{connection}", PICKET_INSTRUMENT_COUNTER, 0,
                                        "Connections that a listening socket dropped for any reason."};
inline constexpr Metric kTcpOrphans{"system.network.tcp.orphans", "{socket}", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                    "Sockets that no program holds any more."};
inline constexpr Metric kTcpMemory{"system.network.tcp.memory", "By", PICKET_INSTRUMENT_UPDOWNCOUNTER, 0,
                                   "Memory of the buffers of TCP sockets."};
inline constexpr Metric kUdpDatagrams{"system.network.udp.datagrams", "{datagram}", PICKET_INSTRUMENT_COUNTER, 0,
                                      "Datagrams received and sent."};
inline constexpr Metric kUdpErrors{"system.network.udp.errors", "{datagram}", PICKET_INSTRUMENT_COUNTER, 0,
                                   "Datagrams that could not be delivered, a full buffer included."};
inline constexpr Metric kUdpNoPort{"system.network.udp.no_port", "{datagram}", PICKET_INSTRUMENT_COUNTER, 0,
                                   "Datagrams to a port that nobody listens on."};
inline constexpr Metric kUdpBufferErrors{"system.network.udp.buffer_errors", "{datagram}", PICKET_INSTRUMENT_COUNTER, 0,
                                         "Datagrams that were lost because a buffer was full."};

inline constexpr RowSpec connections_row(std::string_view state) {
  return {&kConnections, {{{"network.transport", "tcp"}, {"network.connection.state", state}}}};
}
// `direction`: receive or transmit; `type`: ipv4 or ipv6, empty for both together.
inline constexpr RowSpec traffic_row(const Metric& metric, std::string_view direction, std::string_view type = {}) {
  RowSpec row{&metric, {{{"network.io.direction", direction}}}};
  if (!type.empty()) row.attributes[1] = {"network.type", type};
  return row;
}
inline constexpr RowSpec type_row(const Metric& metric, std::string_view type) {
  return {&metric, {{{"network.type", type}}}};
}

}  // namespace picket::perf_collector

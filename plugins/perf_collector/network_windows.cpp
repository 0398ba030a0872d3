// SPDX-License-Identifier: Apache-2.0
//
// Windows half of the group `network`: GetIfTable2 without the filters that are stacked on each interface, by the name
// that people see (alias), and GetTcpStatisticsEx and GetUdpStatisticsEx for IPv4 and IPv6. The latter count in 32
// bits. The socket headers come before windows.h.
#include <winsock2.h>
#include <ws2tcpip.h>
// after winsock2.h
#include <iphlpapi.h>
#include <netioapi.h>

#include <array>

#include "network.hpp"
#include "wide_text.hpp"

namespace picket::perf_collector {

namespace {

struct Protocol {
  ULONG family;
  std::string_view type;
};
constexpr std::array<Protocol, 2> kProtocols{{{AF_INET, "ipv4"}, {AF_INET6, "ipv6"}}};

class NetworkGroup final : public Group {
 public:
  NetworkGroup(const Choice& interfaces, const Vocabulary& vocabulary)
      : meter_(interfaces, vocabulary),
        established_(connections_row("established"), vocabulary),
        active_({&kTcpActive}, vocabulary),
        passive_({&kTcpPassive}, vocabulary),
        failed_({&kTcpFailed}, vocabulary),
        resets_({&kTcpResets}, vocabulary),
        received_(traffic_row(kTcpSegments, "receive"), vocabulary),
        sent_(traffic_row(kTcpSegments, "transmit"), vocabulary),
        retransmits_({&kTcpRetransmits}, vocabulary),
        errors_({&kTcpErrors}, vocabulary),
        table_fault_(faults_.add("GetIfTable2")),
        tcp_fault_(faults_.add("GetTcpStatisticsEx")),
        udp_fault_(faults_.add("GetUdpStatisticsEx")) {
    for (const Protocol& protocol : kProtocols) {
      udp_.push_back({{traffic_row(kUdpDatagrams, "receive", protocol.type), vocabulary},
                      {traffic_row(kUdpDatagrams, "transmit", protocol.type), vocabulary},
                      {type_row(kUdpNoPort, protocol.type), vocabulary},
                      {type_row(kUdpErrors, protocol.type), vocabulary}});
    }
  }

  void collect(std::int64_t /*monotonic_ns*/, Samples& samples) override {
    if (meter_.wanted()) collect_interfaces(samples);
    collect_tcp(samples);
    collect_udp(samples);
  }

 private:
  struct UdpRows {
    SampleRow received, sent, no_port, errors;
  };

  void collect_interfaces(Samples& samples) {
    MIB_IF_TABLE2* table = nullptr;
    const auto error = GetIfTable2(&table);
    if (error != NO_ERROR) return faults_.bad(table_fault_, "error " + std::to_string(error));
    meter_.begin();
    for (ULONG i = 0; i < table->NumEntries; ++i) {
      const MIB_IF_ROW2& row = table->Table[i];
      if (row.InterfaceAndOperStatusFlags.FilterInterface) continue;
      const std::string_view name = utf8_of(row.Alias, wcslen(row.Alias), name_);
      if (!meter_.wants(name)) continue;
      InterfaceReading reading;
      reading.receive = {row.InOctets, row.InUcastPkts + row.InNUcastPkts, row.InErrors, row.InDiscards};
      reading.transmit = {row.OutOctets, row.OutUcastPkts + row.OutNUcastPkts, row.OutErrors, row.OutDiscards};
      meter_.add(name, reading, samples);
    }
    FreeMibTable(table);
    meter_.end() > 0 ? faults_.bad(table_fault_, "more than 1000 interfaces: choose some with include")
                     : faults_.good(table_fault_);
  }

  void collect_tcp(Samples& samples) {
    MIB_TCPSTATS sum{};
    for (const Protocol& protocol : kProtocols) {
      MIB_TCPSTATS one{};
      const ULONG error = GetTcpStatisticsEx(&one, protocol.family);
      if (error == ERROR_NOT_SUPPORTED) continue;  // that protocol is not installed
      if (error != NO_ERROR) return faults_.bad(tcp_fault_, "error " + std::to_string(error));
      sum.dwCurrEstab += one.dwCurrEstab;
      sum.dwActiveOpens += one.dwActiveOpens;
      sum.dwPassiveOpens += one.dwPassiveOpens;
      sum.dwAttemptFails += one.dwAttemptFails;
      sum.dwEstabResets += one.dwEstabResets;
      sum.dwInSegs += one.dwInSegs;
      sum.dwOutSegs += one.dwOutSegs;
      sum.dwRetransSegs += one.dwRetransSegs;
      sum.dwInErrs += one.dwInErrs;
    }
    faults_.good(tcp_fault_);
    established_.add(sum.dwCurrEstab, samples);
    active_.add(sum.dwActiveOpens, samples);
    passive_.add(sum.dwPassiveOpens, samples);
    failed_.add(sum.dwAttemptFails, samples);
    resets_.add(sum.dwEstabResets, samples);
    received_.add(sum.dwInSegs, samples);
    sent_.add(sum.dwOutSegs, samples);
    retransmits_.add(sum.dwRetransSegs, samples);
    errors_.add(sum.dwInErrs, samples);
  }

  void collect_udp(Samples& samples) {
    for (std::size_t i = 0; i < kProtocols.size(); ++i) {
      MIB_UDPSTATS one{};
      const ULONG error = GetUdpStatisticsEx(&one, kProtocols[i].family);
      if (error == ERROR_NOT_SUPPORTED) continue;
      if (error != NO_ERROR) return faults_.bad(udp_fault_, "error " + std::to_string(error));
      udp_[i].received.add(one.dwInDatagrams, samples);
      udp_[i].sent.add(one.dwOutDatagrams, samples);
      udp_[i].no_port.add(one.dwNoPorts, samples);
      udp_[i].errors.add(one.dwInErrors, samples);
    }
    faults_.good(udp_fault_);
  }

  InterfaceMeter meter_;
  SampleRow established_, active_, passive_, failed_, resets_, received_, sent_, retransmits_, errors_;
  std::vector<UdpRows> udp_;
  Faults::Slot table_fault_, tcp_fault_, udp_fault_;
  std::string name_;
};

}  // namespace

std::unique_ptr<Group> make_network(const Choice& interfaces, const Machine& /*machine*/,
                                    const Vocabulary& vocabulary) {
  return std::make_unique<NetworkGroup>(interfaces, vocabulary);
}

}  // namespace picket::perf_collector

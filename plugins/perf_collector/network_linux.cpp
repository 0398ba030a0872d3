// SPDX-License-Identifier: Apache-2.0
//
// Linux half of the group `network`: /proc/net/dev, snmp, snmp6, netstat and sockstat (proc(5), and
// Documentation/networking/snmp_counter.rst of the kernel), of the network namespace that the daemon runs in. TCP
// counts IPv4 and IPv6 together, UDP apart. A kernel without one of the protocols has no such file, which is no fault.
#include "network.hpp"
#include "number_file.hpp"
#include "scan.hpp"

namespace picket::perf_collector {

namespace {

class NetworkGroup final : public Group {
 public:
  NetworkGroup(const Choice& interfaces, const Machine& machine, const Vocabulary& vocabulary)
      : meter_(interfaces, vocabulary),
        file_(machine.proc + "/net/dev"),
        file_fault_(faults_.add(file_.path())),
        line_fault_(faults_.add(file_.path() + ": interfaces")),
        snmp_(machine.proc + "/net/snmp", Shape::tables, false,
              {{"Tcp:CurrEstab", connections_row("established")},
               {"Tcp:ActiveOpens", {&kTcpActive}},
               {"Tcp:PassiveOpens", {&kTcpPassive}},
               {"Tcp:AttemptFails", {&kTcpFailed}},
               {"Tcp:EstabResets", {&kTcpResets}},
               {"Tcp:InSegs", traffic_row(kTcpSegments, "receive")},
               {"Tcp:OutSegs", traffic_row(kTcpSegments, "transmit")},
               {"Tcp:RetransSegs", {&kTcpRetransmits}},
               {"Tcp:InErrs", {&kTcpErrors}},
               {"Udp:InDatagrams", traffic_row(kUdpDatagrams, "receive", "ipv4")},
               {"Udp:OutDatagrams", traffic_row(kUdpDatagrams, "transmit", "ipv4")},
               {"Udp:NoPorts", type_row(kUdpNoPort, "ipv4")},
               {"Udp:InErrors", type_row(kUdpErrors, "ipv4")},
               {"Udp:RcvbufErrors", traffic_row(kUdpBufferErrors, "receive", "ipv4"), 1, {}, false},
               {"Udp:SndbufErrors", traffic_row(kUdpBufferErrors, "transmit", "ipv4"), 1, {}, false}},
              vocabulary, faults_),
        snmp6_(machine.proc + "/net/snmp6", Shape::lines, false,
               {{"Udp6InDatagrams", traffic_row(kUdpDatagrams, "receive", "ipv6")},
                {"Udp6OutDatagrams", traffic_row(kUdpDatagrams, "transmit", "ipv6")},
                {"Udp6NoPorts", type_row(kUdpNoPort, "ipv6")},
                {"Udp6InErrors", type_row(kUdpErrors, "ipv6")},
                {"Udp6RcvbufErrors", traffic_row(kUdpBufferErrors, "receive", "ipv6"), 1, {}, false},
                {"Udp6SndbufErrors", traffic_row(kUdpBufferErrors, "transmit", "ipv6"), 1, {}, false}},
               vocabulary, faults_),
        netstat_(machine.proc + "/net/netstat", Shape::tables, false,
                 {{"TcpExt:ListenOverflows", {&kTcpListenOverflows}, 1, {}, false},
                  {"TcpExt:ListenDrops", {&kTcpListenDrops}, 1, {}, false},
                  {"TcpExt:TCPTimeouts", {&kTcpTimeouts}, 1, {}, false}},
                 vocabulary, faults_),
        sockstat_(machine.proc + "/net/sockstat", Shape::pairs, false,
                  {{"sockets:used", {&kSockets}},
                   {"TCP:tw", connections_row("time_wait"), 1, {}, false},
                   {"TCP:orphan", {&kTcpOrphans}, 1, {}, false},
                   {"TCP:mem", {&kTcpMemory, {}, machine.page_bytes}, 1, {}, false}},
                  vocabulary, faults_) {}

  void collect(std::int64_t /*monotonic_ns*/, Samples& samples) override {
    if (meter_.wanted()) collect_interfaces(samples);
    for (NumberFile* file : {&snmp_, &snmp6_, &netstat_, &sockstat_}) file->collect(samples);
  }

 private:
  // Two lines of header, then "  eth0: 1 2 ...": bytes packets errs drop fifo frame compressed multicast received, and
  // bytes packets errs drop ... sent.
  void collect_interfaces(Samples& samples) {
    const auto text = file_.read();
    if (!text) return faults_.bad(file_fault_, file_.error());
    faults_.good(file_fault_);
    bool good = true;
    Scanner file(*text);
    std::string_view line;
    file.line(line);
    file.line(line);
    meter_.begin();
    while (file.line(line)) {
      const std::size_t colon = line.rfind(':');
      std::string_view name;
      if (colon == std::string_view::npos || !Scanner(line.substr(0, colon)).word(name)) {
        good = false;
        continue;
      }
      if (!meter_.wants(name)) continue;
      InterfaceReading reading;
      Scanner words(line.substr(colon + 1));
      if (parse(words, reading.receive) && words.skip(4) && parse(words, reading.transmit)) {
        meter_.add(name, reading, samples);
      } else {
        good = false;
      }
    }
    if (meter_.end() > 0) return faults_.bad(line_fault_, "more than 1000 of them: choose some with include");
    good ? faults_.good(line_fault_) : faults_.bad(line_fault_, "a line is malformed");
  }

  static bool parse(Scanner& words, InterfaceReading::Direction& direction) {
    return words.number(direction.bytes) && words.number(direction.packets) && words.number(direction.errors) &&
           words.number(direction.dropped);
  }

  InterfaceMeter meter_;
  ProcFile file_;
  Faults::Slot file_fault_, line_fault_;
  NumberFile snmp_, snmp6_, netstat_, sockstat_;
};

}  // namespace

std::unique_ptr<Group> make_network(const Choice& interfaces, const Machine& machine, const Vocabulary& vocabulary) {
  return std::make_unique<NetworkGroup>(interfaces, machine, vocabulary);
}

}  // namespace picket::perf_collector

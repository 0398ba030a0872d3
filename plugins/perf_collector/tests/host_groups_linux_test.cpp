// SPDX-License-Identifier: Apache-2.0
//
// The Linux readers of paging, disks, network, pressure and kernel over a captured /proc: every value, and every way in
// which a file can be bad. Linux only.
#include <gtest/gtest.h>

#include "disks.hpp"
#include "kernel.hpp"
#include "network.hpp"
#include "paging.hpp"
#include "pressure.hpp"
#include "proc_file.hpp"
#include "support.hpp"

namespace picket::perf_collector {
namespace {

using Values = std::map<std::string, double>;

struct HostGroups : ::testing::Test {
  test::FixtureProc proc;
  test::Folder sys;
  test::World world;
  std::string fault;

  Machine machine() const {
    Machine machine = proc.machine();
    machine.sys = sys.path();
    return machine;
  }
  Values collect(Group& group) {
    world.samples.begin(1);
    group.collect(1, world.samples);
    fault = group.faults().message();
    return world.values();
  }
  Values collect(const std::unique_ptr<Group>& group) { return collect(*group); }
};

TEST_F(HostGroups, paging_counts_faults_traffic_and_kills) {
  const auto values = collect(make_paging({{"none"}, {}}, machine(), world.vocabulary));
  const Values expected{
      {"system.paging.io{system.paging.direction=in}", 9707921.0 * 1024},
      {"system.paging.io{system.paging.direction=out}", 84194152.0 * 1024},
      {"system.paging.operations{system.paging.direction=in,system.paging.type=major}", 11},
      {"system.paging.operations{system.paging.direction=out,system.paging.type=major}", 22},
      {"system.paging.faults{system.paging.type=major}", 23160},
      {"system.paging.faults{system.paging.type=minor}", 634619568 - 23160},
      {"system.linux.memory.oom_kills", 3},
  };
  EXPECT_EQ(values, expected);
  EXPECT_EQ(fault, "");
}

TEST_F(HostGroups, paging_shows_each_swap_device_by_its_unescaped_name) {
  const auto values = collect(make_paging({}, machine(), world.vocabulary));
  EXPECT_EQ(values.at("system.paging.usage{system.device=/dev/vdb2,system.paging.state=used}"), 524287.0 * 1024);
  EXPECT_EQ(values.at("system.paging.usage{system.device=/dev/vdb2,system.paging.state=free}"), 1572861.0 * 1024);
  EXPECT_NEAR(values.at("system.paging.utilization{system.device=/dev/vdb2,system.paging.state=used}"), 0.25, 1e-6);
  EXPECT_EQ(values.at("system.paging.utilization{system.device=/var/swap file,system.paging.state=free}"), 1);
  EXPECT_EQ(values.size(), 7U + 8);
}

TEST_F(HostGroups, paging_without_swap_or_without_its_file_is_no_fault) {
  proc.write("swaps", "Filename Type Size Used Priority\n");
  const auto group = make_paging({}, machine(), world.vocabulary);
  EXPECT_EQ(collect(*group).size(), 7U);
  proc.remove("swaps");
  EXPECT_EQ(collect(make_paging({}, machine(), world.vocabulary)).size(), 7U);
  EXPECT_EQ(fault, "");
}

TEST_F(HostGroups, a_malformed_swap_line_loses_that_device_only) {
  proc.replace("swaps", "2097148", "lots");
  const auto values = collect(make_paging({}, machine(), world.vocabulary));
  EXPECT_EQ(values.size(), 7U + 4);
  EXPECT_EQ(fault, proc.path("swaps") + ": a line of it is malformed");
}

TEST_F(HostGroups, a_malformed_counter_loses_what_is_made_of_it_only_and_recovers) {
  const auto group = make_paging({{"none"}, {}}, machine(), world.vocabulary);
  proc.replace("vmstat", "pgmajfault 23160", "pgmajfault oops");
  auto values = collect(*group);
  EXPECT_EQ(values.size(), 5U);
  EXPECT_FALSE(values.contains("system.paging.faults{system.paging.type=minor}"));
  EXPECT_EQ(fault, proc.path("vmstat") + ": pgmajfault: no number, or too large a one");
  proc.replace("vmstat", "pgmajfault oops", "pgmajfault 1");
  EXPECT_EQ(collect(*group).size(), 7U);
  EXPECT_EQ(fault, "");
}

TEST_F(HostGroups, a_counter_that_older_kernels_lack_is_no_fault_and_another_is) {
  proc.replace("vmstat", "oom_kill 3\n", "");
  proc.replace("vmstat", "pgpgin", "pgpgim");
  EXPECT_EQ(collect(make_paging({{"none"}, {}}, machine(), world.vocabulary)).size(), 5U);
  EXPECT_EQ(fault, proc.path("vmstat") + ": pgpgin: missing");
}

TEST_F(HostGroups, disks_shows_whole_disks_with_every_counter) {
  sys.write("class/block/vda1/partition", "1\n");
  const DisksSettings settings{{{"vd*"}, {}}, false};
  const auto values = collect(make_disks(settings, machine(), world.vocabulary));
  const Values expected{
      {"system.disk.io{system.device=vda,disk.io.direction=read}", 19415842.0 * 512},
      {"system.disk.io{system.device=vda,disk.io.direction=write}", 168388304.0 * 512},
      {"system.disk.operations{system.device=vda,disk.io.direction=read}", 570270},
      {"system.disk.operations{system.device=vda,disk.io.direction=write}", 861713},
      {"system.disk.operation_time{system.device=vda,disk.io.direction=read}", 576.348},
      {"system.disk.operation_time{system.device=vda,disk.io.direction=write}", 872.171},
      {"system.disk.merged{system.device=vda,disk.io.direction=read}", 40133},
      {"system.disk.merged{system.device=vda,disk.io.direction=write}", 183347},
      {"system.disk.io_time{system.device=vda}", 188.048},
      {"system.disk.weighted_io_time{system.device=vda}", 1538.351},
      {"system.disk.pending_operations{system.device=vda}", 2},
  };
  EXPECT_EQ(values, expected);
  EXPECT_EQ(fault, "");
}

TEST_F(HostGroups, disks_shows_partitions_when_asked_and_reads_lines_of_older_kernels) {
  sys.write("class/block/vda1/partition", "1\n");
  const auto values = collect(make_disks({{{"vda1", "nvme*"}, {}}, true}, machine(), world.vocabulary));
  EXPECT_EQ(values.at("system.disk.operations{system.device=vda1,disk.io.direction=read}"), 570000);
  EXPECT_EQ(values.at("system.disk.weighted_io_time{system.device=nvme0n1}"), 0.011);
  EXPECT_EQ(values.size(), 2 * 11U);
}

TEST_F(HostGroups, a_disk_that_comes_is_shown_and_one_that_goes_is_not) {
  const auto group = make_disks({{{}, {"loop*", "vda*"}}, false}, machine(), world.vocabulary);
  EXPECT_EQ(collect(*group).size(), 11U);
  proc.write("diskstats", proc.read("diskstats") + " 8 0 sda 1 1 1 1 1 1 1 1 1 1 1\n");
  EXPECT_EQ(collect(*group).size(), 22U);
  proc.write("diskstats", " 8 0 sda 1 1 1 1 1 1 1 1 1 1 1\n");
  EXPECT_EQ(collect(*group).size(), 11U);
  EXPECT_EQ(fault, "");
}

TEST_F(HostGroups, a_malformed_disk_loses_that_disk_only) {
  proc.replace("diskstats", "nvme0n1 1 2", "nvme0n1 1 -2");
  const auto values = collect(make_disks({}, machine(), world.vocabulary));
  EXPECT_EQ(values.size(), 3 * 11U);  // nothing is excluded here
  EXPECT_EQ(fault, proc.path("diskstats") + ": devices: a line is malformed");
}

TEST_F(HostGroups, network_shows_the_chosen_interfaces_by_direction) {
  const auto values = collect(make_network({{}, {"lo", "veth*"}}, machine(), world.vocabulary));
  const std::string in = "{network.interface.name=eth0,network.io.direction=receive}";
  const std::string out = "{network.interface.name=eth0,network.io.direction=transmit}";
  EXPECT_EQ(values.at("system.network.io" + in), 287475996);
  EXPECT_EQ(values.at("system.network.packets" + in), 5982);
  EXPECT_EQ(values.at("system.network.errors" + in), 1);
  EXPECT_EQ(values.at("system.network.dropped" + in), 2);
  EXPECT_EQ(values.at("system.network.io" + out), 215619);
  EXPECT_EQ(values.at("system.network.packets" + out), 2900);
  EXPECT_EQ(values.at("system.network.errors" + out), 3);
  EXPECT_EQ(values.at("system.network.dropped" + out), 4);
  EXPECT_FALSE(values.contains("system.network.io{network.interface.name=lo,network.io.direction=receive}"));
  EXPECT_EQ(fault, "");
}

TEST_F(HostGroups, network_reads_the_counters_of_tcp_and_udp_from_their_columns) {
  const auto values = collect(make_network({{"none"}, {}}, machine(), world.vocabulary));
  const std::string state = "system.network.connection.count{network.transport=tcp,network.connection.state=";
  const std::string v4 = "network.type=ipv4}";
  const std::string v6 = "network.type=ipv6}";
  const std::string in = "{network.io.direction=receive";
  const std::string out = "{network.io.direction=transmit";
  const Values expected{
      {state + "established}", 7},
      {state + "time_wait}", 21},
      {"system.network.sockets", 214},
      {"system.network.tcp.active_opens", 57},
      {"system.network.tcp.passive_opens", 4},
      {"system.network.tcp.failed_attempts", 29},
      {"system.network.tcp.resets", 8},
      {"system.network.tcp.segments" + in + "}", 6028},
      {"system.network.tcp.segments" + out + "}", 2941},
      {"system.network.tcp.retransmits", 5},
      {"system.network.tcp.errors", 6},
      {"system.network.tcp.timeouts", 14},
      {"system.network.tcp.listen_overflows", 12},
      {"system.network.tcp.listen_drops", 13},
      {"system.network.tcp.orphans", 1},
      {"system.network.tcp.memory", 266 * 4096},
      {"system.network.udp.datagrams" + in + "," + v4, 58},
      {"system.network.udp.datagrams" + out + "," + v4, 60},
      {"system.network.udp.no_port{" + v4, 1},
      {"system.network.udp.errors{" + v4, 2},
      {"system.network.udp.buffer_errors" + in + "," + v4, 3},
      {"system.network.udp.buffer_errors" + out + "," + v4, 4},
      {"system.network.udp.datagrams" + in + "," + v6, 31},
      {"system.network.udp.datagrams" + out + "," + v6, 34},
      {"system.network.udp.no_port{" + v6, 32},
      {"system.network.udp.errors{" + v6, 33},
      {"system.network.udp.buffer_errors" + in + "," + v6, 35},
      {"system.network.udp.buffer_errors" + out + "," + v6, 36},
  };
  EXPECT_EQ(values, expected);
}

TEST_F(HostGroups, a_table_whose_columns_moved_is_read_by_its_new_header) {
  const auto group = make_network({{"none"}, {}}, machine(), world.vocabulary);
  collect(*group);
  proc.write("net/netstat", "TcpExt: TCPTimeouts ListenDrops\nTcpExt: 1 2\n");
  const auto values = collect(*group);
  EXPECT_EQ(values.at("system.network.tcp.timeouts"), 1);
  EXPECT_EQ(values.at("system.network.tcp.listen_drops"), 2);
  EXPECT_FALSE(values.contains("system.network.tcp.listen_overflows"));
}

TEST_F(HostGroups, a_cut_table_loses_the_columns_that_are_not_there) {
  proc.write("net/snmp", "Tcp: ActiveOpens PassiveOpens CurrEstab\nTcp: 5 x\n");
  const auto values = collect(make_network({{"none"}, {}}, machine(), world.vocabulary));
  EXPECT_EQ(values.at("system.network.tcp.active_opens"), 5);
  EXPECT_FALSE(values.contains("system.network.tcp.passive_opens"));
  EXPECT_NE(fault.find("Tcp:PassiveOpens: no number"), std::string::npos) << fault;
  EXPECT_NE(fault.find("Tcp:CurrEstab: missing"), std::string::npos) << fault;
}

TEST_F(HostGroups, a_machine_without_ipv6_is_no_fault_and_a_malformed_interface_is_one) {
  proc.remove("net/snmp6");
  proc.replace("net/dev", "veth1a2b: 500", "veth1a2b: many");
  const auto values = collect(make_network({}, machine(), world.vocabulary));
  EXPECT_FALSE(values.contains("system.network.udp.errors{network.type=ipv6}"));
  EXPECT_TRUE(values.contains("system.network.io{network.interface.name=lo,network.io.direction=receive}"));
  EXPECT_EQ(fault, proc.path("net/dev") + ": interfaces: a line is malformed");
}

TEST_F(HostGroups, metrics_that_nobody_wants_cost_no_file) {
  proc.remove("net");
  const Choice choice{{"system.network.tcp.timeouts"}, {}};
  std::size_t kept = 0;
  const auto group = make_network({}, machine(), world.vocabulary.only(choice, kept));
  EXPECT_TRUE(collect(*group).empty());
  EXPECT_EQ(fault, "") << "net/dev, which would be missed, is not even opened";
  proc.write("net/netstat", "TcpExt: TCPTimeouts\nTcpExt: 9\n");
  EXPECT_EQ(collect(*group), (Values{{"system.network.tcp.timeouts", 9}}));
}

TEST_F(HostGroups, pressure_has_shares_and_time_of_each_resource) {
  const auto values = collect(make_pressure({{"cpu", "memory"}, {}}, true, machine(), world.vocabulary));
  const std::string cpu = "{system.pressure.resource=cpu,system.pressure.kind=some}";
  EXPECT_EQ(values.at("system.pressure.average.10s" + cpu), 0.0522);
  EXPECT_EQ(values.at("system.pressure.average.60s" + cpu), 0.0201);
  EXPECT_EQ(values.at("system.pressure.average.300s" + cpu), 0.0207);
  EXPECT_EQ(values.at("system.pressure.time" + cpu), 6932.571252);
  const std::string memory = "{system.pressure.resource=memory,system.pressure.kind=full}";
  EXPECT_EQ(values.at("system.pressure.average.10s" + memory), 1);
  EXPECT_EQ(values.at("system.pressure.time" + memory), 4e-6);
  EXPECT_EQ(values.size(), 2 * 2 * 4U);
  EXPECT_EQ(fault, "");
}

TEST_F(HostGroups, a_kernel_without_pressure_is_a_fault_only_if_it_was_asked_for) {
  proc.remove("pressure");
  EXPECT_TRUE(collect(make_pressure({}, false, machine(), world.vocabulary)).empty());
  EXPECT_EQ(fault, "");
  collect(make_pressure({}, true, machine(), world.vocabulary));
  EXPECT_NE(fault.find("groups.pressure: this kernel has no pressure stall information"), std::string::npos) << fault;
}

TEST_F(HostGroups, a_malformed_line_of_pressure_keeps_what_stands_before_it) {
  proc.write("pressure/io", "some avg10=0.18 avg60=?\nfull avg10=0.11 avg60=0.13 avg300=0.33 total=20465542\n");
  EXPECT_EQ(collect(make_pressure({{"io"}, {}}, false, machine(), world.vocabulary)).size(), 5U);
  EXPECT_EQ(fault, proc.path("pressure/io") + ": a line is malformed");
}

TEST_F(HostGroups, kernel_has_counters_uptime_and_the_use_of_its_tables) {
  const auto values = collect(make_kernel(machine(), world.vocabulary));
  const std::string soft = "system.kernel.soft_interrupts{system.kernel.soft_interrupt=";
  const Values expected{
      {"system.kernel.interrupts", 253076},
      {"system.kernel.context_switches", 544757},
      {"system.kernel.boot_time", 1700000000},
      {"system.process.created", 7449},
      {soft + "hi}", 0},
      {soft + "timer}", 25340},
      {soft + "net_tx}", 2},
      {soft + "net_rx}", 9311},
      {soft + "block}", 21},
      {soft + "irq_poll}", 0},
      {soft + "tasklet}", 1},
      {soft + "sched}", 53218},
      {soft + "hrtimer}", 0},
      {soft + "rcu}", 53326},
      {"system.uptime", 12629.84},
      {"system.kernel.entropy", 256},
      {"system.kernel.file_handles.usage", 817},
      {"system.kernel.file_handles.limit", 2466177},
      {"system.kernel.threads.limit", 192730},
      {"system.kernel.pids.limit", 32768},
      {"system.kernel.threads.usage", 94},
  };
  EXPECT_EQ(values, expected);
  EXPECT_EQ(fault, "");
}

TEST_F(HostGroups, kernel_without_its_optional_files_is_no_fault) {
  proc.remove("sys");
  proc.remove("loadavg");
  EXPECT_EQ(collect(make_kernel(machine(), world.vocabulary)).size(), 15U);
  EXPECT_EQ(fault, "");
  proc.write("loadavg", "0.07 1.30 12.00 1-94 7449\n");
  proc.write("uptime", "soon\n");
  EXPECT_EQ(collect(make_kernel(machine(), world.vocabulary)).size(), 14U);
  EXPECT_EQ(fault, proc.path("uptime") + ": number 1: no number, or too large a one; " + proc.path("loadavg") +
                       ": threads: missing or malformed");
}

}  // namespace
}  // namespace picket::perf_collector

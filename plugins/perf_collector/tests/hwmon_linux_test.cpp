// SPDX-License-Identifier: Apache-2.0
//
// Sensors in a folder that stands in for /sys. Linux only.
#include "hwmon.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "sensors.hpp"
#include "support.hpp"

namespace picket::perf_collector {
namespace {

using Values = std::map<std::string, double>;

struct Hwmon : ::testing::Test {
  test::Folder sys;
  test::World world;
  std::int64_t now = 0;
  std::string fault;

  Hwmon() {
    sys.write("devices/coretemp.0/x", "");
    chip("hwmon0", "coretemp");
    std::filesystem::create_directory_symlink(sys.path("devices/coretemp.0"), sys.path("class/hwmon/hwmon0/device"));
    file("hwmon0/temp1_input", "47500");
    file("hwmon0/temp1_label", "Package id 0");
    file("hwmon0/temp1_max", "80000");
    file("hwmon0/temp2_input", "-1250");
  }
  void file(const std::string& name, const std::string& text) { sys.write("class/hwmon/" + name, text + "\n"); }
  void chip(const std::string& folder, const std::string& name) { file(folder + "/name", name); }

  std::unique_ptr<Group> group(const Choice& choice = {}, bool asked = false) {
    Machine machine;
    machine.sys = sys.path();
    return make_hwmon(choice, asked, machine, world.vocabulary);
  }
  Values collect(Group& group, std::int64_t seconds = 10) {
    now += seconds * test::kSecond;
    world.samples.begin(now);
    group.collect(now, world.samples);
    fault = group.faults().message();
    return world.values();
  }
};

TEST_F(Hwmon, shows_each_sensor_with_its_label_in_the_unit_of_its_kind) {
  chip("hwmon1", "board");
  file("hwmon1/fan2_input", "1234");
  file("hwmon1/in0_input", "3312");
  file("hwmon1/curr1_input", "1500");
  file("hwmon1/power1_input", "12345678");
  file("hwmon1/power1_average", "1");
  file("hwmon1/power2_average", "2000000");
  file("hwmon1/energy1_input", "9000001");
  file("hwmon1/intrusion0_alarm", "1");
  const auto sensors = group();
  const Values expected{{"hw.temperature{hw.id=coretemp@coretemp.0/temp1,hw.name=Package id 0}", 47.5},
                        {"hw.temperature{hw.id=coretemp@coretemp.0/temp2,hw.name=temp2}", -1.25},
                        {"hw.fan.speed{hw.id=board/fan2,hw.name=fan2}", 1234},
                        {"hw.voltage{hw.id=board/in0,hw.name=in0}", 3.312},
                        {"hw.current{hw.id=board/curr1,hw.name=curr1}", 1.5},
                        {"hw.power{hw.id=board/power1,hw.name=power1}", 12.345678},
                        {"hw.power{hw.id=board/power2,hw.name=power2}", 2},
                        {"hw.energy{hw.id=board/energy1,hw.name=energy1}", 9.000001}};
  EXPECT_EQ(collect(*sensors), expected);
  EXPECT_EQ(fault, "");
}

TEST_F(Hwmon, sensors_are_chosen_by_their_id) {
  const auto sensors = group({{"coretemp*"}, {"*/temp1"}});
  EXPECT_EQ(collect(*sensors), (Values{{"hw.temperature{hw.id=coretemp@coretemp.0/temp2,hw.name=temp2}", -1.25}}));
}

TEST_F(Hwmon, two_chips_of_one_name_are_told_apart) {
  for (const char* folder : {"hwmon1", "hwmon2"}) {
    chip(folder, "nvme");
    file(std::string(folder) + "/temp1_input", "1000");
  }
  const auto values = collect(*group({{"nvme*"}, {}}));
  EXPECT_EQ(values.size(), 2U);
  EXPECT_TRUE(values.contains("hw.temperature{hw.id=nvme/temp1,hw.name=temp1}"));
  EXPECT_TRUE(values.contains("hw.temperature{hw.id=nvme@hwmon2/temp1,hw.name=temp1}"));
}

TEST_F(Hwmon, a_sensor_that_is_plugged_in_is_found_within_a_minute) {
  const auto sensors = group();
  EXPECT_EQ(collect(*sensors).size(), 2U);
  chip("hwmon1", "new");
  file("hwmon1/temp1_input", "1");
  EXPECT_EQ(collect(*sensors, 30).size(), 2U);
  EXPECT_EQ(collect(*sensors, 30).size(), 3U);
}

TEST_F(Hwmon, one_that_holds_no_number_loses_that_sensor_only) {
  file("hwmon0/temp1_input", "warm");
  const auto sensors = group();
  EXPECT_EQ(collect(*sensors).size(), 1U);
  EXPECT_EQ(fault, "sensor: " + sys.path("class/hwmon/hwmon0/temp1_input") + ": holds no number");
  file("hwmon0/temp1_input", "50000");
  EXPECT_EQ(collect(*sensors).size(), 2U);
  EXPECT_EQ(fault, "");
}

TEST_F(Hwmon, one_that_cannot_be_read_is_named_and_one_that_is_gone_is_not_missed) {
  sys.remove("class/hwmon/hwmon0/temp2_input");
  sys.write("class/hwmon/hwmon0/temp2_input/is_a_folder", "");
  const auto sensors = group();
  EXPECT_EQ(collect(*sensors).size(), 1U);
  EXPECT_EQ(fault, "sensor: " + sys.path("class/hwmon/hwmon0/temp2_input") + ": Is a directory");
  sys.remove("class/hwmon/hwmon0/temp2_input");
  EXPECT_EQ(collect(*sensors).size(), 1U);
  EXPECT_EQ(fault, "");
}

TEST_F(Hwmon, a_machine_without_sensors_is_a_fault_only_if_they_were_asked_for) {
  sys.remove("class");
  EXPECT_TRUE(collect(*group()).empty());
  EXPECT_EQ(fault, "");
  collect(*group({}, true));
  EXPECT_NE(fault.find("groups.hwmon: no such sensor below " + sys.path("class/hwmon")), std::string::npos) << fault;
}

TEST_F(Hwmon, no_more_than_500_sensors_are_read) {
  for (std::size_t i = 0; i < kMostSensors; ++i) file("hwmon0/temp" + std::to_string(i + 3) + "_input", "1");
  EXPECT_EQ(collect(*group()).size(), kMostSensors);
  EXPECT_NE(fault.find("more than 500 sensors"), std::string::npos) << fault;
}

}  // namespace
}  // namespace picket::perf_collector

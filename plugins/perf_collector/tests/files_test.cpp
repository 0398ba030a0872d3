// SPDX-License-Identifier: Apache-2.0
//
// Numbers out of files: what is found in which text, globs over paths, faults that say what was seen.
#include "files.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "path_glob.hpp"
#include "support.hpp"

namespace picket::perf_collector {
namespace {

using test::kSecond;

TEST(FileNumber, numbers_are_read_exactly_and_nothing_else_is_one) {
  FoundNumber number;
  ASSERT_TRUE(parse_number("-9007199254740993", number));
  EXPECT_TRUE(number.whole);
  EXPECT_EQ(number.integer, -9'007'199'254'740'993);
  ASSERT_TRUE(parse_number("+1.5e3", number) == false);
  ASSERT_TRUE(parse_number("1.5e3", number));
  EXPECT_FALSE(number.whole);
  EXPECT_EQ(number.real, 1500);
  ASSERT_TRUE(parse_number("0x1F", number));
  EXPECT_EQ(number.integer, 31);
  ASSERT_TRUE(parse_number("99999999999999999999", number));
  EXPECT_FALSE(number.whole);
  for (const char* text : {"", "x", "1x", "1 2", "nan", "inf", "0x", "0xg", "0x-1", "+-1", "--1", "1e999"}) {
    EXPECT_FALSE(parse_number(text, number)) << text;
  }
}

// "label=number" of all that is found, or what is wrong.
std::string found(const NumberSettings& settings, std::string_view text) {
  std::string all;
  const std::string problem = NumberFinder(settings).find(text, [&all](const FoundNumber& number) {
    all += std::string(all.empty() ? "" : " ") + std::string(number.label) + "=" + std::to_string(number.real);
  });
  return problem.empty() ? all : problem;
}

TEST(FileNumber, by_expression) {
  EXPECT_EQ(found({"temp: (\\d+)"}, "fan: 3\ntemp: 42 C\ntemp: 43\n"), "=42.000000");
  EXPECT_EQ(found({"\\d+"}, "about 17"), "=17.000000");
  EXPECT_EQ(found({"^b (\\d+)$"}, "a 1\nb 2\n"), "=2.000000");
  EXPECT_EQ(found({"(?P<name>\\w+)=(?P<value>\\d+)", "", 1, true}, "a=1, b=2"), "a=1.000000 b=2.000000");
  EXPECT_EQ(found({"(\\d+) (\\w+)", "", 1, true}, "1 x\n2 y\n"), "x=1.000000 y=2.000000");
}

TEST(FileNumber, by_line_and_column) {
  EXPECT_EQ(found({}, "12\n"), "=12.000000");
  EXPECT_EQ(found({"", "MemFree:", 2}, "MemTotal: 5 kB\nMemFree: 3 kB\n"), "=3.000000");
  EXPECT_EQ(found({"", "", 3, true}, "a x 1\nb x 2\n"), "a=1.000000 b=2.000000");
}

TEST(FileNumber, what_is_not_found_is_told_with_what_was_seen) {
  EXPECT_EQ(found({"temp: (\\d+)"}, "fan: 3\n\tx"), "the expression matches nothing in \"fan: 3  x\"");
  EXPECT_EQ(found({"temp: (\\w+)"}, "temp: hot"), "the expression matches no number: \"hot\"");
  EXPECT_EQ(found({"", "b", 3}, "a 1 2\nb 1\n"), "no column 3 in the line \"b 1\"");
  EXPECT_EQ(found({"", "b", 2}, "b x\n"), "column 2 of the line \"b x\" is no number: \"x\"");
  EXPECT_EQ(found({"", "c", 2}, "a 1\n"), "no line starts with \"c\"; the file starts \"a 1 \"");
  EXPECT_EQ(found({}, ""), "the file is empty");
  EXPECT_EQ(found({"x"}, std::string(100, 'y')),
            "the expression matches nothing in \"" + std::string(80, 'y') + "...\"");
}

TEST(FileNumber, an_empty_match_ends) {
  EXPECT_EQ(found({"(\\d*)(x?)", "", 1, true}, "ab"), "the expression matches no number: \"\"");
}

TEST(FileNumber, expressions_that_cannot_work_are_refused) {
  EXPECT_THROW(NumberFinder({"("}), std::invalid_argument);
  EXPECT_THROW(NumberFinder({"(\\d+)", "", 1, true}), std::invalid_argument);
  EXPECT_THROW(NumberFinder({"()()()()()()()()"}), std::invalid_argument);
}

TEST(PathGlob, each_part_of_a_path_may_be_a_glob_and_the_label_is_what_it_stood_for) {
  const test::Folder folder;
  for (const char* file : {"hwmon0/temp1_input", "hwmon0/temp2_input", "hwmon0/.temp3_input", "hwmon1/temp1_input",
                           "hwmon1/name", "other/temp1_input"}) {
    folder.write(file, "1");
  }
  std::vector<std::string> labels;
  for (const GlobbedPath& path : expand_paths(folder.path() + "/hwmon*/temp?_input", 100)) labels.push_back(path.label);
  EXPECT_EQ(labels, (std::vector<std::string>{"hwmon0/temp1_input", "hwmon0/temp2_input", "hwmon1/temp1_input"}));
  const auto middle = expand_paths(folder.path() + "/hwmon*/name", 100);
  ASSERT_EQ(middle.size(), 1U);
  EXPECT_EQ(middle[0].label, "hwmon1");
  EXPECT_EQ(middle[0].path, folder.path() + "/hwmon1/name");
  EXPECT_EQ(expand_paths(folder.path() + "/hwmon*/temp?_input", 2).size(), 2U);
  EXPECT_TRUE(expand_paths(folder.path() + "/nowhere/*", 100).empty());
  EXPECT_EQ(expand_paths("/nowhere/file", 100).size(), 1U);
}

struct Files : ::testing::Test {
  test::Folder folder;
  test::World world;
  std::unique_ptr<Group> group;
  std::int64_t now = 0;

  FileSettings file(const std::string& name, const std::string& path) const {
    FileSettings settings{name, folder.path(path)};
    settings.every_ns = kSecond;
    return settings;
  }
  void make(std::vector<FileSettings> files) { group = make_files({std::move(files)}, world.vocabulary); }
  std::map<std::string, double> collect(std::int64_t seconds = 1) {
    now += seconds * kSecond;
    world.samples.begin(now);
    group->collect(now, world.samples);
    return world.values();
  }
};

TEST_F(Files, a_number_is_scaled_and_has_its_attributes_and_its_description) {
  folder.write("temp", "42500\n");
  FileSettings settings = file("room.temperature", "temp");
  settings.scale = 0.001;
  settings.unit = "Cel";
  settings.decimals = 2;
  settings.attributes = {{"room", "north"}, {"rack", "7"}};
  make({settings});
  EXPECT_EQ(collect(), (std::map<std::string, double>{{"room.temperature{room=north,rack=7}", 42.5}}));
  const picket_metric& metric = world.host.metrics.at(world.host.ids.at("room.temperature"));
  EXPECT_EQ(metric.instrument, PICKET_INSTRUMENT_GAUGE);
  EXPECT_EQ(metric.decimals, 2);
}

TEST_F(Files, each_number_has_its_own_period) {
  folder.write("a", "1");
  folder.write("b", "2");
  FileSettings slow = file("b", "b");
  slow.every_ns = 10 * kSecond;
  make({file("a", "a"), slow});
  now = 20 * kSecond;
  EXPECT_EQ(collect().size(), 2U);
  EXPECT_EQ(collect().size(), 1U);
  EXPECT_EQ(collect(8).size(), 2U);
}

TEST_F(Files, a_glob_shows_which_file_and_finds_new_ones_within_a_minute) {
  folder.write("net/eth0/mtu", "1500");
  FileSettings settings = file("net.mtu", "net/*/mtu");
  make({settings});
  EXPECT_EQ(collect(), (std::map<std::string, double>{{"net.mtu{picket.file=eth0}", 1500}}));
  folder.write("net/eth1/mtu", "9000");
  EXPECT_EQ(collect().size(), 1U);
  EXPECT_EQ(collect(60).size(), 2U);
  folder.remove("net/eth0");
  EXPECT_EQ(collect().size(), 1U);
  EXPECT_NE(group->faults().message().find("eth0/mtu: "), std::string::npos);
  EXPECT_EQ(collect().size(), 1U);
  EXPECT_EQ(group->faults().message(), "");
}

TEST_F(Files, every_match_of_a_file_is_a_series) {
  folder.write("stats", "reads 5\nwrites 7\n");
  FileSettings settings = file("io", "stats");
  settings.number = {"", "", 2, true};
  settings.each = "io.kind";
  make({settings});
  EXPECT_EQ(collect(), (std::map<std::string, double>{{"io{io.kind=reads}", 5}, {"io{io.kind=writes}", 7}}));
}

TEST_F(Files, a_fault_is_told_with_the_path_and_leaves_the_others_alone) {
  folder.write("a", "one");
  folder.write("b", "2");
  make({file("a", "a"), file("b", "b"), file("c", "c")});
  EXPECT_EQ(collect(), (std::map<std::string, double>{{"b", 2}}));
  const std::string message = group->faults().message();
  EXPECT_NE(message.find("groups.files[0] \"a\": " + folder.path("a") + ": column 1 of the line \"one\" is no number"),
            std::string::npos)
      << message;
  EXPECT_NE(message.find("groups.files[2] \"c\": " + folder.path("c") + ": "), std::string::npos) << message;
  folder.write("a", "1");
  folder.write("c", "3");
  EXPECT_EQ(collect().size(), 3U);
  EXPECT_EQ(group->faults().message(), "");
}

TEST_F(Files, no_file_for_a_glob_is_told) {
  make({file("a", "none*")});
  EXPECT_TRUE(collect().empty());
  EXPECT_EQ(group->faults().message(), "groups.files[0] \"a\": no file matches " + folder.path("none*"));
}

TEST_F(Files, a_name_that_has_another_unit_already_is_refused) {
  world.vocabulary.metric({"system.uptime", "s", PICKET_INSTRUMENT_GAUGE, 2, "Uptime."});
  FileSettings settings = file("system.uptime", "a");
  settings.unit = "h";
  EXPECT_THROW(make({settings}), std::runtime_error);
  settings.unit = "s";
  EXPECT_NO_THROW(make({settings}));
}

}  // namespace
}  // namespace picket::perf_collector

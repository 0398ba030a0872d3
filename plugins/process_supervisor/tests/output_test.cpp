// SPDX-License-Identifier: Apache-2.0
//
// Output as events, as last lines, and to files that the holder writes.
#include "support.hpp"

namespace picket::process_supervisor {
namespace {

class OutputOf : public Supervised {
 protected:
  Texts lines() {
    Texts list;
    for (const testing::Event& event : host->events()) {
      if (event.kind == "log") list.push_back(event.text("message"));
    }
    return list;
  }
  testing::Event log(std::size_t index) {
    for (const testing::Event& event : host->events()) {
      if (event.kind == "log" && index-- == 0) return event;
    }
    ADD_FAILURE() << "there is no such line";
    return {};
  }
};

TEST_F(OutputOf, lines_are_events_and_only_whole_ones_are_acknowledged) {
  begin(settings(program("web")));
  processes().output(id("web"), PICKET_STDOUT, "one\ntw");
  processes().output(id("web"), PICKET_STDERR, "bad\n");
  EXPECT_EQ(lines(), (Texts{"one", "bad"}));
  EXPECT_EQ(log(0).text("program"), "web");
  EXPECT_EQ(log(0).text("stream"), "stdout");
  EXPECT_EQ(log(0).severity, PICKET_SEVERITY_INFO);
  EXPECT_EQ(log(1).severity, PICKET_SEVERITY_WARNING);
  EXPECT_EQ(processes().acknowledged(id("web"), PICKET_STDOUT), 4U);
  processes().output(id("web"), PICKET_STDOUT, "o\n");
  EXPECT_EQ(lines().back(), "two");
  EXPECT_EQ(processes().acknowledged(id("web"), PICKET_STDOUT), 8U);
}

TEST_F(OutputOf, the_rest_of_the_last_line_comes_with_the_end) {
  begin(settings(program("web", R"("restart": "never")")));
  const ProgramId web = id("web");
  processes().output(web, PICKET_STDOUT, "last words");
  processes().end_output(web, PICKET_STDOUT);
  EXPECT_EQ(lines(), Texts{"last words"});
  exits("web", 1);
  EXPECT_FALSE(processes().forgotten(web));
  processes().end_output(web, PICKET_STDERR);
  settle();
  EXPECT_TRUE(processes().forgotten(web));
}

TEST_F(OutputOf, a_program_whose_streams_never_end_is_forgotten_at_last) {
  begin(settings(program("web", R"("restart": "never")")));
  const ProgramId web = id("web");
  processes().output(web, PICKET_STDERR, "cut off");
  exits("web", 1);
  run(11s);
  EXPECT_EQ(lines(), Texts{"cut off"});
  EXPECT_TRUE(processes().forgotten(web));
}

TEST_F(OutputOf, a_full_bus_holds_output_back_and_loses_none) {
  begin(settings(program("web")));
  host->take_events();
  host->busy_until_ready();
  processes().output(id("web"), PICKET_STDOUT, "a\nb\n");
  processes().output(id("web"), PICKET_STDOUT, "c\n");
  EXPECT_EQ(processes().acknowledged(id("web"), PICKET_STDOUT), 0U);
  tell("restart", "web");
  EXPECT_EQ(state("web"), "ready");
  host->ready();
  settle();
  EXPECT_EQ(lines(), (Texts{"a", "b", "c"}));
  EXPECT_EQ(exits_of("web").size(), 1U);
}

TEST_F(OutputOf, what_was_dropped_is_said) {
  begin(settings(program("web")));
  processes().output(id("web"), PICKET_STDOUT, "half");
  processes().gap(id("web"), PICKET_STDOUT, 1'000);
  processes().output(id("web"), PICKET_STDOUT, "line\n");
  const Texts all = lines();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_THAT(all[0], HasSubstr("1000 bytes"));
  EXPECT_EQ(all[1], "half");
  EXPECT_EQ(all[2], "line");
  EXPECT_EQ(processes().acknowledged(id("web"), PICKET_STDOUT), 1'009U);
}

TEST_F(OutputOf, any_bytes_become_text) {
  begin(settings(program("web")));
  processes().output(id("web"), PICKET_STDOUT, std::string(40'000, '\xFF') + "\nok\n");
  const Texts all = lines();
  ASSERT_EQ(all.size(), 4U);
  EXPECT_TRUE(log(0).boolean("cut"));
  EXPECT_EQ(all[3], "ok");
}

TEST_F(OutputOf, files_are_the_holders_and_events_can_be_off) {
  begin(settings(
      program(
          "web",
          R"("output": {"events": false, "file": "/log/{program}.log", "error_file": "/log/err", "rotate": {"size": 8192, "keep": 2}})") +
      "," + program("mute", R"("output": {"events": false, "last_lines": 0})")));
  const ProgramSpec web = processes().starts().at(1).spec, mute = processes().starts().at(0).spec;
  EXPECT_EQ(web.output.file, "/log/web.log");
  EXPECT_EQ(web.error_output.file, "/log/err");
  EXPECT_EQ(web.output.rotate_bytes, 8'192U);
  EXPECT_EQ(web.output.rotate_keep, 2U);
  EXPECT_TRUE(web.output.capture);
  EXPECT_FALSE(mute.output.capture);
  processes().output(id("web"), PICKET_STDOUT, "seen\n");
  EXPECT_TRUE(lines().empty());
  const json logs = ask("logs", R"({"program": "web"})");
  EXPECT_EQ(logs["lines"][0]["text"], "seen");
}

TEST_F(OutputOf, last_lines_are_bounded_and_in_order) {
  begin(settings(program("a", R"("output": {"last_lines": 3})") + "," + program("b")));
  for (int i = 0; i < 5; ++i) {
    processes().output(id("a"), PICKET_STDOUT, "a" + std::to_string(i) + "\n");
    host->advance(1s);
    processes().output(id("b"), PICKET_STDERR, "b" + std::to_string(i) + "\n");
    host->advance(1s);
  }
  Texts all;
  const json last = ask("logs", R"({"program": "all", "lines": 4})");
  for (const json& line : last["lines"]) all.push_back(line["text"]);
  EXPECT_EQ(all, (Texts{"b1", "a2", "b2", "a3", "b3", "a4", "b4"}));
  processes().output(id("b"), PICKET_STDOUT, std::string(300'000, 'x') + "\n");
  std::size_t bytes = 0;
  const json long_ones = ask("logs", R"({"program": "b", "lines": 1000})");
  for (const json& line : long_ones["lines"]) bytes += line["text"].get<std::string>().size();
  EXPECT_LE(bytes, LastLines::kMostBytes);
}

}  // namespace
}  // namespace picket::process_supervisor

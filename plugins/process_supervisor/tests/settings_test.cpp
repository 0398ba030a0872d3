// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "dependencies.hpp"
#include "launch.hpp"

namespace picket::process_supervisor {
namespace {

using ::testing::HasSubstr;
using Names = std::vector<std::string>;

Settings parse(const std::string& json) {
  auto parsed = parse_settings(json);
  EXPECT_TRUE(parsed.ok()) << (parsed.ok() ? "" : parsed.error().message);
  return parsed.ok() ? std::move(parsed).value() : Settings{};
}

// Of a program `x` with these members besides its command.
std::string problem(const std::string& members) {
  const Settings settings =
      parse(R"({"programs": {"x": {"command": ["/bin/x"], )" + members + R"(}, "y": {"command": ["/bin/y"]}}})");
  EXPECT_TRUE(settings.programs.contains("y")) << "the mistake of one took another with it: " << members;
  const auto found = settings.problems.find("x");
  EXPECT_EQ(settings.programs.contains("x"), found == settings.problems.end());
  return found == settings.problems.end() ? "" : found->second;
}

TEST(Settings, a_program_has_working_defaults) {
  const Settings settings = parse(R"({"programs": {"web": {"command": ["/bin/web", "-v"]}}})");
  const ProgramSettings& web = settings.programs.at("web");
  EXPECT_EQ(web.launch.command, (Names{"/bin/web", "-v"}));
  EXPECT_EQ(web.restart, RestartPolicy::on_failure);
  EXPECT_TRUE(web.autostart);
  EXPECT_EQ(web.stop_signal, 15);
  EXPECT_EQ(web.ready.kind, Check::Kind::none);
  EXPECT_EQ(web.launch.umask, 022);
  EXPECT_TRUE(web.launch.output.events);
}

TEST(Settings, instances_have_numbers_and_their_base_is_a_group) {
  const Settings settings = parse(R"({"programs": {
    "web": {"command": ["/bin/web", "{instance}", "{program}"], "count": 3, "ready": {"http": "http://127.0.0.1:808{instance}/"},
            "environment": {"N": "{instance}"}, "output": {"file": "/log/{program}"}},
    "one": {"command": ["/bin/one", "{instance}"], "after": ["web"]}}})");
  EXPECT_EQ(members_of(settings, "web"), (Names{"web@1", "web@2", "web@3"}));
  EXPECT_EQ(settings.programs.at("web@2").launch.command, (Names{"/bin/web", "2", "web@2"}));
  EXPECT_EQ(settings.programs.at("web@2").launch.environment.at("N"), "2");
  EXPECT_EQ(settings.programs.at("web@3").launch.output.file, "/log/web@3");
  EXPECT_EQ(settings.programs.at("one").launch.command[1], "1");
  EXPECT_EQ(settings.programs.at("web@2").ready.target, "http://127.0.0.1:8082/");
  EXPECT_EQ(settings.programs.at("one").after, (Names{"web@1", "web@2", "web@3"}));
}

TEST(Settings, groups_hold_programs_and_their_instances) {
  const Settings settings = parse(R"({"programs": {"a": {"command": ["a"], "count": 2}, "b": {"command": ["b"]},
    "c": {"command": ["c"], "requires": ["back"]}}, "groups": {"back": ["a", "b", "a@1"]}})");
  EXPECT_EQ(members_of(settings, "back"), (Names{"a@1", "a@2", "b"}));
  EXPECT_EQ(settings.programs.at("c").requires_, (Names{"a@1", "a@2", "b"}));
  EXPECT_THAT(parse(R"({"groups": {"g": ["nobody"]}})").problems.at("g"), HasSubstr("there is no program \"nobody\""));
}

TEST(Settings, mistakes_are_those_of_one_program) {
  EXPECT_EQ(problem(R"("stop_signal": "TREM")"), "stop_signal: there is no signal \"TREM\"");
  EXPECT_THAT(problem(R"("umask": "9")"), HasSubstr("umask: must be three octal digits"));
  EXPECT_THAT(problem(R"("ready": {"port": 80, "http": "http://localhost/"})"),
              HasSubstr("ready.http: there is another"));
  EXPECT_THAT(problem(R"("ready": {"port": "example.org:80"})"), HasSubstr("is no port"));
  EXPECT_THAT(problem(R"("ready": {"log": "("})"), HasSubstr("ready.log: \"(\" is no regular expression"));
  EXPECT_THAT(problem(R"("healthy": {})"), HasSubstr("healthy: names no kind"));
  EXPECT_THAT(problem(R"("schedule": {"every": 1000000000})"), HasSubstr("schedule: is for a task"));
  EXPECT_THAT(problem(R"("type": "task", "schedule": {"cron": "61 * * * *"})"), HasSubstr("is no minute"));
  EXPECT_THAT(problem(R"("type": "task", "schedule": {"cron": "@daily", "every": 1000000000})"), HasSubstr("either"));
  EXPECT_THAT(problem(R"("type": "task", "restart": "always")"), HasSubstr("a task cannot have always"));
  EXPECT_THAT(problem(R"("type": "task", "ready": {"port": 80})"), HasSubstr("it has no ready"));
  EXPECT_THAT(problem(R"("drain": {"timeout": 1000000})"), HasSubstr("neither signal nor command"));
  EXPECT_THAT(problem(R"("limits": {"memory": 1048576, "memory_high": 2097152})"), HasSubstr("is above memory"));
  EXPECT_THAT(problem(R"("io_level": 3)"), HasSubstr("realtime or best_effort"));
  EXPECT_THAT(problem(R"("backoff": {"initial": 60000000000, "max": 1000000000})"), HasSubstr("not be shorter"));
  EXPECT_THAT(problem(R"("requires": ["nobody"])"), HasSubstr("there is no program or group \"nobody\""));
  EXPECT_THAT(problem(R"("after": ["x"])"), HasSubstr("names itself"));
  EXPECT_THAT(problem(R"("comand": [])"), HasSubstr("comand: there is no such setting"));
  EXPECT_EQ(problem(R"("nice": 5)"), "");
}

TEST(Settings, who_waits_for_itself_is_named_with_the_whole_ring) {
  const Settings settings = parse(R"({"programs": {
    "a": {"command": ["a"], "requires": ["b"]}, "b": {"command": ["b"], "after": ["c"]},
    "c": {"command": ["c"], "requires": ["a"]}, "d": {"command": ["d"], "requires": ["a"]}}})");
  EXPECT_EQ(settings.problems.at("b"), "these wait for each other: a -> b -> c -> a");
  EXPECT_EQ(settings.problems.size(), 3U);
  EXPECT_TRUE(settings.programs.contains("d"));
}

TEST(Settings, a_long_chain_is_no_ring) {
  std::map<std::string, std::vector<std::string>> graph;
  for (int i = 0; i < 10'000; ++i) graph["p" + std::to_string(i)] = {"p" + std::to_string(i + 1)};
  EXPECT_TRUE(find_cycle(graph).empty());
  graph["p10000"] = {"p0"};
  EXPECT_EQ(find_cycle(graph).size(), 10'001U);
}

TEST(Settings, watches_need_a_way_to_find_their_process) {
  EXPECT_THAT(parse(R"({"watch": {"w": {}}})").problems.at("w"), HasSubstr("needs either pid_file"));
  EXPECT_THAT(parse(R"({"watch": {"w": {"pid_file": "/x", "process": "y"}}})").problems.at("w"), HasSubstr("either"));
  EXPECT_EQ(parse(R"({"watch": {"w": {"process": "sshd", "nice": -5}}})").watch.at("w").priority.nice, -5);
}

TEST(Fingerprint, tells_what_needs_a_restart) {
  const auto of = [](const std::string& members) {
    return fingerprint(
        parse(R"({"programs": {"x": {"command": ["/bin/x"], )" + members + "}}}").programs.at("x").launch);
  };
  const std::string plain = of(R"("nice": 0)");
  EXPECT_EQ(of(R"("nice": 5)"), plain);
  EXPECT_EQ(of(R"("limits": {"memory": 1048576})"), plain);
  EXPECT_EQ(of(R"("restart": "always", "stop_timeout": 5)"), plain);
  EXPECT_NE(of(R"("limits": {"files": 100})"), plain);
  EXPECT_NE(of(R"("environment": {"A": "1"})"), plain);
  EXPECT_NE(of(R"("user": "web")"), plain);
  EXPECT_NE(of(R"("watchdog": 1000000000)"), plain);
}

}  // namespace
}  // namespace picket::process_supervisor

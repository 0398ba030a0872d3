// SPDX-License-Identifier: Apache-2.0
//
// `picket explain`: events from options and streams, what it prints, and what it refuses.
#include "commands/explain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "../platform/temporary_directory.hpp"
#include "commands/exit_codes.hpp"
#include "memory_plugin.hpp"

namespace picket::commands {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class ExplainTest : public testing::Test {
 protected:
  int run(ExplainOptions options, const std::string& standard_input = "", const std::string& yaml = kRoutes) {
    out_.str("");
    err_.str("");
    std::filesystem::permissions(directory_.path(), std::filesystem::perms::owner_all);
    const std::filesystem::path file = directory_ / "picket.yaml";
    std::ofstream(file, std::ios::binary) << yaml;
    std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    auto catalog = std::make_shared<plugin_host::PluginCatalog>(std::vector<std::filesystem::path>());
    EXPECT_TRUE(catalog->add(&memory_plugin::kType));
    std::istringstream in(standard_input);
    return explain(read_configuration({{file.string()}, {}}, surroundings_, catalog), options, in, surroundings_);
  }

  static constexpr const char* kRoutes = R"(instances:
  wall: {type: paint, colour: red}
  hall: {type: paint, colour: red}
routes:
  trouble: {from: wall, where: severity >= warning, to: hall}
  alerts: {from: wall, steps: [threshold: {raise: value > 1, for: 10s}], to: hall}
)";
  TemporaryDirectory directory_;
  std::ostringstream out_, err_;
  Surroundings surroundings_{out_, err_, {}, [](const std::string&) { return std::nullopt; }, platform::system_clock()};
};

TEST_F(ExplainTest, an_event_and_the_time_after_it) {
  ExplainOptions options;
  options.events = {R"({"source": "wall", "severity": "info", "name": "m", "value": 2})"};
  options.advance = "1m";
  EXPECT_EQ(run(options), kExitOk) << err_.str();
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("an event of wall\n"),
                    HasSubstr("  route trouble: does not match\n"
                              "      severity >= warning is false: severity is info\n"),
                    HasSubstr("    step 1 threshold: judged, and not handed on\n"
                              "        raise: value > 1 is true: value is 2\n"
                              "        remembers 1, before 0\n    nothing comes out\n"),
                    HasSubstr("  time has passed\n"), HasSubstr("    -> hall  (block, 100000 events, 64MiB)\n")));
}

TEST_F(ExplainTest, many_events_from_standard_input_as_json) {
  ExplainOptions options;
  options.file = "-";
  options.from = "wall";
  options.route = "t*";
  options.json = true;
  EXPECT_EQ(run(options, "{\"severity\": \"error\"}\n{\"record\":\"log\"}\n{\n  \"severity\": \"debug\"\n}\n"),
            kExitOk);
  const auto answer = nlohmann::json::parse(out_.str());
  ASSERT_EQ(answer.size(), 2U);
  EXPECT_EQ(answer[0]["routes"][0]["verdict"], "matches");
  EXPECT_EQ(answer[0]["routes"][0]["out"][0]["to"][0]["destination"], "hall");
  EXPECT_EQ(answer[1]["routes"][0]["verdict"], "no_match");
  EXPECT_EQ(answer[1]["routes"][0]["reasons"][0]["read"][0]["value"], "debug");
}

TEST_F(ExplainTest, says_where_an_event_is_wrong) {
  ExplainOptions options;
  options.file = "-";
  options.from = "wall";
  EXPECT_EQ(run(options, "{}\n\n{\"severity\": \"loud\"}\n"), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("picket explain: standard input:3: byte "));
  EXPECT_EQ(run(options, "nothing\n"), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("standard input:1: "));
  EXPECT_EQ(run(options, ""), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("there is no event in it"));
  options.file = (directory_ / "none.json").string();
  EXPECT_EQ(run(options), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("none.json: cannot be opened"));
}

TEST_F(ExplainTest, wants_to_know_who_speaks) {
  ExplainOptions options;
  options.events = {"{}"};
  EXPECT_EQ(run(options), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("the event has no source; say with --from which instance emits it"));
  options.from = "hal";
  EXPECT_EQ(run(options), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("there is no instance `hal`; did you mean `hall`?"));
  options.from = "";
  options.events = {R"({"source": "elsewhere"})"};
  EXPECT_EQ(run(options), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("`elsewhere` is no instance; say with --from which one emits the event"));
}

TEST_F(ExplainTest, refuses_what_makes_no_sense) {
  ExplainOptions options;
  options.from = "wall";
  EXPECT_EQ(run(options), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("need an event"));
  options.events = {"{}"};
  options.advance = "5 parsecs";
  EXPECT_EQ(run(options), kExitUsage);
  options.advance = "";
  options.route = "nothing*";
  EXPECT_EQ(run(options), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("no route is called like `nothing*`"));
}

TEST_F(ExplainTest, without_an_event_says_what_stands_out) {
  EXPECT_EQ(run({}), kExitOk);
  EXPECT_EQ(out_.str(), "nothing stands out in 2 routes between 2 instances\n");
  const std::string yaml = std::string(kRoutes) + "  never: {from: wall, where: 1 > 2, to: hall}\n";
  EXPECT_EQ(run({}, "", yaml), kExitNotWell);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("picket.yaml:7:30: warning: route `never` never matches"),
                                HasSubstr("1 finding in 3 routes between 2 instances\n")));
  ExplainOptions options;
  options.json = true;
  EXPECT_EQ(run(options, "", yaml), kExitNotWell);
  EXPECT_EQ(nlohmann::json::parse(out_.str())["findings"][0]["kind"], "never_matches");
  options.json = false;
  options.route = "trouble";
  EXPECT_EQ(run(options, "", yaml), kExitOk);
}

TEST(NextEventText, takes_objects_one_after_the_other) {
  std::istringstream in("\n {\"a\": \"}{\\\"\"} {\"b\": [{}]}\n{\n\"c\":1}  \n{\"record\": \"x\"}x\n{\"d\"");
  std::size_t line = 1, begin = 0;
  EXPECT_EQ(next_event_text(in, line, begin), R"({"a": "}{\""})");
  EXPECT_EQ(begin, 2U);
  EXPECT_EQ(next_event_text(in, line, begin), R"({"b": [{}]})");
  EXPECT_EQ(next_event_text(in, line, begin), "{\n\"c\":1}");
  EXPECT_EQ(begin, 3U);
  EXPECT_EQ(next_event_text(in, line, begin), "x");
  EXPECT_EQ(begin, 5U);
  EXPECT_EQ(next_event_text(in, line, begin), "{\"d\"");
  EXPECT_EQ(next_event_text(in, line, begin), std::nullopt);
}

TEST(NextEventText, gives_up_on_what_never_ends) {
  std::istringstream in(std::string(3U << 20U, '{'));
  std::size_t line = 1, begin = 0;
  EXPECT_EQ(next_event_text(in, line, begin)->size(), (1U << 20U) + 1);
}

}  // namespace
}  // namespace picket::commands

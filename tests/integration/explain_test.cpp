// SPDX-License-Identifier: Apache-2.0
//
// `picket explain` and `picket graph` as an operator meets them, on what is shipped and on what has faults.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/site.hpp"

namespace picket::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kFaulty = R"(instances:
  host: {type: perf_collector}
  history: {type: perf_database}
routes:
  all: {from: host, to: history}
  never: {from: host, where: severity > error and severity < info, to: history}
)";

std::vector<std::filesystem::path> shipped_files() {
  std::vector<std::filesystem::path> files{PICKET_SHIPPED_CONFIG};
  for (const auto& entry : std::filesystem::directory_iterator(PICKET_EXAMPLES)) files.push_back(entry.path());
  return files;
}

TEST(Explain, nothing_stands_out_in_what_is_shipped_and_all_of_it_can_be_drawn) {
  for (const std::filesystem::path& file : shipped_files()) {
    Site site;
    site.configure(read_file(file));
    const Output explained = site.picket({"explain"});
    EXPECT_EQ(explained.exit_code, 0) << file << explained.out << explained.err;
    EXPECT_THAT(explained.out, HasSubstr("nothing stands out in "));
    for (const char* format : {"text", "dot", "mermaid", "svg"}) {
      const Output drawn = site.picket({"graph", "--format", format});
      EXPECT_EQ(drawn.exit_code, 0) << file << drawn.err;
      EXPECT_THAT(drawn.out, HasSubstr("perf_database")) << file;
    }
  }
}

TEST(Explain, an_event_through_an_example) {
  Site site;
  site.configure(read_file(std::filesystem::path(PICKET_EXAMPLES) / "two-histories.yaml"));
  const Output output = site.picket({"explain", "--from", "host", "--json", "--event",
                                     R"({"kind": "metric", "name": "system.cpu.load_average.1m", "value": 3.5})"});
  EXPECT_EQ(output.exit_code, 0) << output.err;
  const auto moment = nlohmann::json::parse(output.out).at(0);
  EXPECT_EQ(moment["routes"][0]["route"], "all-to-recent");
  EXPECT_EQ(moment["routes"][0]["verdict"], "matches");
  EXPECT_EQ(moment["routes"][0]["out"][0]["to"][0]["queue"], "drop_oldest, 100000 events, 64MiB");
  EXPECT_EQ(moment["routes"][1]["verdict"], "no_match");
  EXPECT_THAT(moment["routes"][1]["reasons"][1]["text"].get<std::string>(),
              HasSubstr("name like \"system.filesystem.*\" is false: name is \"system.cpu.load_average.1m\""));
}

TEST(Explain, what_stands_out_is_a_warning_of_validate_too) {
  Site site;
  site.configure(kFaulty);
  const Output explained = site.picket({"explain"});
  EXPECT_EQ(explained.exit_code, 1);
  EXPECT_THAT(explained.out, HasSubstr(site.config_file().string() +
                                       ":6:51: warning: route `never` never matches: "
                                       "`severity > error` and `severity < info` are never both true\n"));
  const Output validated = site.picket({"validate"});
  EXPECT_EQ(validated.exit_code, 0);
  EXPECT_THAT(validated.err, HasSubstr(":6:51: warning: route `never` never matches"));
}

TEST(Explain, a_file_of_events_is_read_and_a_wrong_one_named) {
  Site site;
  site.configure(kFaulty);
  const std::filesystem::path file = site.directory() / "events.jsonl";
  write_file(file, "{\"source\": \"host\", \"severity\": \"error\"}\n{\"source\": \"host\", \"severity\": 77}\n");
  const Output output = site.picket({"explain", file.string()});
  EXPECT_EQ(output.exit_code, 64);
  EXPECT_THAT(output.out, HasSubstr("severity > error is false: severity is error"));
  EXPECT_THAT(output.err, HasSubstr("events.jsonl:2: "));
}

TEST(Graph, a_configuration_with_nothing_in_it_is_said_to_be_empty) {
  Site site;
  site.configure("");
  const Output output = site.picket({"graph"});
  EXPECT_EQ(output.exit_code, 0) << output.err;
  EXPECT_EQ(output.out, "there are no instances and no routes\n");
}

TEST(Graph, the_ending_of_the_file_chooses_the_format) {
  Site site;
  site.configure(kFaulty);
  for (const auto& [name, begin] :
       std::vector<std::pair<std::string, std::string>>{{"g.svg", "<svg "},
                                                        {"g.dot", "digraph picket {"},
                                                        {"g.mmd", "flowchart LR"},
                                                        {"g.txt", "host (perf_collector)"}}) {
    const std::filesystem::path file = site.directory() / name;
    const Output output = site.picket({"graph", "--output", file.string()});
    EXPECT_EQ(output.exit_code, 0) << output.err;
    EXPECT_EQ(read_file(file).substr(0, begin.size()), begin);
    EXPECT_THAT(read_file(file), HasSubstr("never matches")) << "findings are listed";
  }
  const Output unknown = site.picket({"graph", "--output", (site.directory() / "g.pdf").string()});
  EXPECT_EQ(unknown.exit_code, 64);
  EXPECT_THAT(unknown.err, HasSubstr("`.pdf` says no format"));
  EXPECT_FALSE(std::filesystem::exists(site.directory() / "g.pdf"));
  const Output denied = site.picket({"graph", "--output", (site.directory() / "no" / "g.svg").string()});
  EXPECT_EQ(denied.exit_code, 77);
  EXPECT_THAT(denied.err, HasSubstr("cannot be written"));
}

}  // namespace
}  // namespace picket::integration

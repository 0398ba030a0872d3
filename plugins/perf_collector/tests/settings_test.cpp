// SPDX-License-Identifier: Apache-2.0
//
// Settings: defaults, what is accepted, and what each mistake is told.
#include "settings.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "hwmon.hpp"
#include "load.hpp"
#include "pressure.hpp"
#include "schema.hpp"

namespace picket::perf_collector {
namespace {

std::string error_of(const std::string& json) {
  const auto settings = parse_settings(json);
  return settings ? "(accepted)" : settings.error().message;
}

TEST(Settings, without_groups_all_are_on_with_their_defaults) {
  const auto settings = parse_settings("{}");
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->interval_ns, 5'000'000'000);
  ASSERT_TRUE(settings->cpu && settings->memory && settings->processes);
  ASSERT_TRUE(settings->paging && settings->disks && settings->filesystems && settings->network && settings->kernel);
  EXPECT_EQ(settings->load.has_value(), has_load());
  EXPECT_EQ(settings->pressure.has_value(), has_pressure());
  EXPECT_EQ(settings->hwmon.has_value(), has_hwmon());
  EXPECT_EQ(settings->filesystems->every_ns, 30'000'000'000);
  EXPECT_FALSE(settings->disks->own.devices.wants("loop0"));
  EXPECT_FALSE(settings->network->own.wants("veth12ab"));
  EXPECT_FALSE(settings->filesystems->own.types.wants("nfs4"));
  EXPECT_FALSE(settings->cpu->own.per_core);
  EXPECT_EQ(settings->processes->every_ns, 5'000'000'000);
  EXPECT_TRUE(settings->processes->own.match.empty());
  EXPECT_EQ(settings->processes->own.top, kUsualTop);
}

TEST(Settings, only_the_named_groups_are_on) {
  const auto settings = parse_settings(R"({"groups": {"memory": {}}})");
  ASSERT_TRUE(settings.ok());
  EXPECT_TRUE(settings->memory);
  EXPECT_FALSE(settings->cpu || settings->load || settings->processes);
}

TEST(Settings, slow_groups_take_the_next_multiple_of_the_interval) {
  const auto settings =
      parse_settings(R"({"interval": 7000000000, "groups": {"filesystems": {}, "hwmon": {}, "pressure": {}}})");
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_EQ(settings->filesystems->every_ns, 35'000'000'000);
  EXPECT_EQ(settings->hwmon->every_ns, 14'000'000'000);
  EXPECT_EQ(settings->pressure->every_ns, 7'000'000'000);
  EXPECT_TRUE(settings->pressure->asked && settings->hwmon->asked);
}

TEST(Settings, a_choice_of_items_and_of_metrics_arrives_and_replaces_what_is_left_out_by_default) {
  const auto settings = parse_settings(R"({"groups": {
    "disks": {"include": ["sd*"], "exclude": ["sdb"], "partitions": true, "metrics": {"exclude": ["*.merged"]}},
    "network": {"exclude": []},
    "filesystems": {"include": ["/srv*"], "types": {"include": ["nfs*", "ext4"]}},
    "cpu": {"per_core": true, "include": ["0"], "metrics": {"include": ["*.time"]}}}})");
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_EQ(settings->disks->own, (DisksSettings{{{"sd*"}, {"sdb"}}, true}));
  EXPECT_EQ(settings->disks->metrics, (Choice{{}, {"*.merged"}}));
  EXPECT_TRUE(settings->network->own.wants("veth12ab"));
  EXPECT_FALSE(settings->filesystems->own.types.wants("nfs4")) << "exclude keeps its default, and wins";
  EXPECT_TRUE(settings->filesystems->own.types.wants("ext4"));
  EXPECT_FALSE(settings->filesystems->own.mount_points.wants("/"));
  EXPECT_EQ(settings->cpu->own.cores, (Choice{{"0"}, {}}));
  EXPECT_EQ(settings->cpu->metrics, (Choice{{"*.time"}, {}}));
}

TEST(Settings, every_setting_arrives) {
  const auto settings = parse_settings(R"({
    "interval": 1000000000,
    "groups": {"cpu": {"per_core": true, "every": 2000000000},
      "processes": {"every": 10000000000, "top": 10, "by": "memory", "sum": "each", "budget": 500,
        "top_detail": ["io"], "detail": ["io", "pss"], "match": [
        {"name": "web", "executable": "ng*", "command": "*/web*", "user": "0", "pid_file": "/run/web.pid",
         "cgroup": "/web.slice/*", "unit": "web@*.service"},
        {"name": "one", "unit": "one.service", "sum": true, "detail": ["threads"]}]}}})");
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_EQ(settings->interval_ns, 1'000'000'000);
  EXPECT_TRUE(settings->cpu->own.per_core);
  EXPECT_EQ(settings->cpu->every_ns, 2'000'000'000);
  const ProcessesSettings& processes = settings->processes->own;
  EXPECT_EQ(settings->processes->every_ns, 10'000'000'000);
  EXPECT_EQ(processes.top, 10U);
  EXPECT_EQ(processes.by, TopBy::memory);
  EXPECT_EQ(processes.top_details, detail_bit(kDetailIo));
  EXPECT_EQ(processes.budget, 500U);
  EXPECT_EQ(processes.match, (std::vector<MatchSettings>{
                                 {"web", "ng*", "*/web*", "0", "/run/web.pid", "/web.slice/*", "web@*.service", true,
                                  detail_bit(kDetailIo) | detail_bit(kDetailPss)},
                                 {"one", "", "", "", "", "", "one.service", false, detail_bit(kDetailThreads)}}));
}

TEST(Settings, numbers_of_files_and_control_groups_arrive) {
  const auto settings = parse_settings(R"json({
    "interval": 1000000000,
    "groups": {
      "cgroups": {"every": 5000000000, "include": ["system.slice/*"], "exclude": ["*.mount"], "depth": 3, "limit": 50},
      "files": [
        {"name": "room.temperature", "path": "/sys/x", "scale": 0.001, "unit": "Cel", "decimals": 2, "every": 10000000000,
         "attributes": {"room": "north"}},
        {"name": "io", "path": "/proc/x", "regex": "(\\w+)=(?P<value>\\d+)", "each": "kind", "instrument": "counter"},
        {"name": "free", "path": "/proc/meminfo", "line": "MemFree:", "column": 2}]}})json");
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_EQ(settings->cgroups->every_ns, 5'000'000'000);
  EXPECT_EQ(settings->cgroups->own, (CgroupsSettings{{{"system.slice/*"}, {"*.mount"}}, 3, 50}));
  const std::vector<FileSettings>& files = settings->files->own.files;
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0].scale, 0.001);
  EXPECT_EQ(files[0].unit, "Cel");
  EXPECT_EQ(files[0].decimals, 2);
  EXPECT_EQ(files[0].every_ns, 10'000'000'000);
  EXPECT_EQ(files[0].attributes, (std::vector<std::pair<std::string, std::string>>{{"room", "north"}}));
  EXPECT_EQ(files[1].instrument, PICKET_INSTRUMENT_COUNTER);
  EXPECT_EQ(files[1].each, "kind");
  EXPECT_TRUE(files[1].number.each);
  EXPECT_EQ(files[1].decimals, -1);
  EXPECT_EQ(files[2].number, (NumberSettings{"", "MemFree:", 2, false}));
  EXPECT_EQ(files[2].every_ns, 1'000'000'000);
}

TEST(Settings, mistakes_in_files_and_control_groups_are_told_with_their_place) {
  const std::pair<const char*, const char*> mistakes[] = {
      {R"({"groups": {"cgroups": {"depth": 17}}})", "groups.cgroups.depth: must be between 1 and 16"},
      {R"({"groups": {"cgroups": {"limit": 0}}})", "groups.cgroups.limit: must be between 1 and 10000"},
      {R"({"groups": {"cgroups": {"include": [""]}}})", "groups.cgroups.include[0]: must be a text that is not empty"},
      {R"({"groups": {"files": {}}})", "groups.files: must be a list of at most 256 numbers"},
      {R"({"groups": {"files": [{"name": "a"}]}})", "groups.files[0]: needs a name and a path"},
      {R"({"groups": {"files": [{"name": "a", "path": "b", "regex": "(x"}]}})",
       "groups.files[0].regex: is no regular expression (RE2): missing ): (?m)(x"},
      {R"({"groups": {"files": [{"name": "a", "path": "b", "regex": "x", "column": 2}]}})",
       "groups.files[0]: give either regex, or line and column"},
      {R"({"groups": {"files": [{"name": "a", "path": "b", "each": "x"}]}})",
       "groups.files[0].each: without regex, the first word of each line tells the numbers apart: column must be 2 or "
       "more"},
      {R"({"groups": {"files": [{"name": "a", "path": "b", "scale": 0}]}})", "groups.files[0].scale: must not be 0"},
      {R"({"groups": {"files": [{"name": "a", "path": "b", "instrument": "meter"}]}})",
       "groups.files[0].instrument: must be gauge, counter or updowncounter"},
      {R"({"groups": {"files": [{"name": "a", "path": "b", "attributes": {"value": "x"}}]}})",
       "groups.files[0].attributes: \"value\" is what every metric event has already"},
      {R"({"groups": {"files": [{"name": "a", "path": "b", "every": 7000000000}]}})",
       "groups.files[0].every: must be a multiple of interval"},
      {R"({"groups": {"files": [{"name": "a", "path": "b"}, {"name": "a", "path": "c", "unit": "s"}]}})",
       "groups.files[1].name: \"a\" has another unit or instrument in an earlier entry"},
  };
  for (const auto& [json, message] : mistakes) EXPECT_EQ(error_of(json), message) << json;
}

TEST(Settings, mistakes_are_told_with_their_place) {
  const std::pair<const char*, const char*> mistakes[] = {
      {R"({"intervall": 1})", "settings: there is no setting \"intervall\""},
      {R"({"interval": 1000})", "settings.interval: must be between 100ms and 1d"},
      {R"({"interval": "5s"})", "settings.interval: must be a duration, such as 5s"},
      {R"({"groups": {"cpus": {}}})", "groups: there is no setting \"cpus\""},
      {R"({"groups": []})", "groups: must be an object"},
      {R"({"groups": {"cpu": {"per_core": 1}}})", "groups.cpu.per_core: must be true or false"},
      {R"({"groups": {"load": {"per_core": true}}})", "groups.load: there is no setting \"per_core\""},
      {R"({"groups": {"disks": {"include": "sd*"}}})", "groups.disks.include: must be a list of at most 64 texts"},
      {R"({"groups": {"network": {"exclude": ["a", ""]}}})",
       "groups.network.exclude[1]: must be a text that is not empty"},
      {R"({"groups": {"memory": {"metrics": {"only": []}}}})", "groups.memory.metrics: there is no setting \"only\""},
      {R"({"groups": {"memory": {"metrics": {"include": [1]}}}})",
       "groups.memory.metrics.include[0]: must be a text that is not empty"},
      {R"({"groups": {"filesystems": {"types": {"exclude": 1}}}})",
       "groups.filesystems.types.exclude: must be a list of at most 64 texts"},
      {R"({"groups": {"cpu": {"include": ["0"]}}})",
       "groups.cpu: include and exclude choose single CPUs: set per_core: true as well"},
      {R"({"groups": {"kernel": {"include": []}}})", "groups.kernel: there is no setting \"include\""},
      {R"({"groups": {"processes": {"top": 1001}}})", "groups.processes.top: must be between 0 and 1000"},
      {R"({"groups": {"processes": {"by": "disk"}}})", "groups.processes.by: must be cpu, memory or io"},
      {R"({"groups": {"processes": {"sum": false}}})", "groups.processes.sum: must be true or each"},
      {R"({"groups": {"processes": {"budget": 9}}})", "groups.processes.budget: must be between 10 and 1000000"},
      {R"({"groups": {"processes": {"top_detail": ["disk"]}}})",
       "groups.processes.top_detail: there is no detail \"disk\"; there are: threads, faults, uptime, io, shared, "
       "switches, files, pss"},
      {R"({"groups": {"processes": {"detail": "io"}}})", "groups.processes.detail: must be a list of at most 8 texts"},
      {R"({"groups": {"processes": {"match": [{"executable": "a"}]}}})", "groups.processes.match[0]: needs a name"},
      {R"({"groups": {"processes": {"match": [{"name": "a", "executable": "a"}, {"name": "a", "user": "b"}]}}})",
       "groups.processes.match[1].name: \"a\" is used twice"},
  };
  for (const auto& [json, message] : mistakes) EXPECT_EQ(error_of(json), message) << json;
  EXPECT_NE(error_of("{").find("parse error"), std::string::npos);
}

TEST(Settings, a_match_without_a_criterion_would_match_everything_and_is_refused) {
  EXPECT_EQ(error_of(R"({"groups": {"processes": {"match": [{"name": "all"}]}}})"),
            "groups.processes.match[0]: \"all\" would match every process: give executable, command, user, pid_file, "
            "cgroup or unit");
}

TEST(Settings, a_group_period_that_is_no_multiple_of_the_interval_is_refused_with_the_remedy) {
  const std::string message = error_of(R"({"interval": 2000000000, "groups": {"cpu": {"every": 3000000000}}})");
  EXPECT_NE(message.find("groups.cpu.every: must be a multiple of interval"), std::string::npos) << message;
  EXPECT_NE(message.find("set interval to"), std::string::npos) << message;
}

TEST(Settings, more_than_64_matches_are_refused) {
  nlohmann::json matches = nlohmann::json::array();
  for (int i = 0; i < 65; ++i) matches.push_back({{"name", std::to_string(i)}, {"executable", "x"}});
  nlohmann::json settings = {{"groups", {{"processes", {{"match", matches}}}}}};
  EXPECT_EQ(error_of(settings.dump()), "groups.processes.match: must be a list of at most 64 entries");
  matches.erase(0);
  settings["groups"]["processes"]["match"] = matches;
  EXPECT_EQ(error_of(settings.dump()), "(accepted)");
}

// Every object of the schema is closed, so that a misspelt key cannot pass; and every setting says what it is.
void check_schema(const nlohmann::json& schema, const std::string& where) {
  if (!schema.contains("properties")) return;
  EXPECT_EQ(schema.value("additionalProperties", true), false) << where;
  for (const auto& [name, property] : schema.at("properties").items()) {
    const std::string here = where + "/" + name;
    EXPECT_TRUE(property.contains("description") || property.contains("$ref") || name == "name") << here;
    check_schema(property, here);
    if (property.contains("items")) check_schema(property.at("items"), here + "/items");
  }
}

// The daemon fills in the defaults of the schema. A setting whose absence means something must not have one.
TEST(Schema, has_no_default_where_a_missing_setting_is_inherited_or_excludes_another) {
  const auto schema = nlohmann::json::parse(kSchema);
  for (const char* name : {"sum", "detail"}) {
    EXPECT_TRUE(schema.at("definitions").at(name).contains("description")) << name;
    EXPECT_FALSE(schema.at("definitions").at(name).contains("default")) << name;
  }
  const auto& file = schema.at("properties").at("groups").at("properties").at("files").at("items").at("properties");
  for (const char* name : {"regex", "line", "column", "each"}) EXPECT_FALSE(file.at(name).contains("default")) << name;
}

TEST(Schema, is_closed_and_described_throughout) {
  const auto schema = nlohmann::json::parse(kSchema);
  EXPECT_EQ(schema.at("type"), "object");
  check_schema(schema, "");
}

// The daemon fills in the schema's defaults; without it the code does.
TEST(Schema, has_the_defaults_of_the_code) {
  const auto groups = nlohmann::json::parse(kSchema).at("properties").at("groups").at("properties");
  const auto settings = parse_settings("{}");
  ASSERT_TRUE(settings.ok());
  const auto excluded = [](const nlohmann::json& group) {
    return group.at("properties").at("exclude").at("default").get<std::vector<std::string>>();
  };
  EXPECT_EQ(excluded(groups.at("disks")), settings->disks->own.devices.exclude);
  EXPECT_EQ(excluded(groups.at("network")), settings->network->own.exclude);
  EXPECT_EQ(excluded(groups.at("filesystems")), settings->filesystems->own.mount_points.exclude);
  EXPECT_EQ(excluded(groups.at("filesystems").at("properties").at("types")), settings->filesystems->own.types.exclude);
}

}  // namespace
}  // namespace picket::perf_collector

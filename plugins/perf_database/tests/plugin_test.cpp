// SPDX-License-Identifier: Apache-2.0
//
// The plugin as a daemon sees it: what is acknowledged and when, what is refused, and how it says that it is not well.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "perf_database.hpp"
#include "picket/testing.hpp"

namespace picket::perf_database {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::Event;
using testing::FakeHost;

const picket_plugin_type& type() {
  static const picket_plugin_type kType = plugin_type<PerfDatabase>(
      {.id = "perf_database", .version = "test", .summary = "", .config_schema = kSettingsSchema, .blocks = true});
  return kType;
}

class PluginTest : public ::testing::Test {
 protected:
  Event metric(const std::string& name, double value, std::map<std::string, testing::Value> more = {}) {
    Event event{.kind = "metric", .source = "host", .time_ns = host.wall_ns(), .fields = std::move(more)};
    event.fields["name"] = name;
    event.fields["value"] = value;
    return event;
  }
  std::filesystem::path directory() { return std::filesystem::path(host.state_root()) / "history"; }
  std::vector<double> stored(const std::string& name) {
    std::vector<double> values;
    const auto found = host.history_series(name);
    EXPECT_TRUE(found.ok()) << (found.ok() ? "" : found.error().message);
    if (!found.ok() || found->empty()) return values;
    const auto points = host.history_points(found->at(0).id, 0, INT64_MAX);
    EXPECT_TRUE(points.ok());
    for (const auto& point : *points) values.push_back(point.last);
    return values;
  }

  FakeHost host{&type(), R"({"url": "sqlite:history", "commit_interval": 5000000000, "host": "box"})"};
};

TEST_F(PluginTest, a_delivery_is_acknowledged_by_the_commit_and_not_before) {
  ASSERT_TRUE(host.start().ok());
  const auto delivered = host.deliver({metric("a", 1), metric("b", 2)});
  EXPECT_EQ(delivered.status, PICKET_PENDING);
  EXPECT_EQ(stored("a"), std::vector<double>{1}) << "readable before it is acknowledged";
  host.advance(4s);
  EXPECT_FALSE(host.done(delivered.ticket).has_value());
  host.advance(1s);
  const auto done = host.done(delivered.ticket);
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->status, PICKET_OK);
  EXPECT_TRUE(done->refused.empty());
  EXPECT_EQ(host.counter("samples"), 2);
  EXPECT_EQ(host.counter("ticks"), 1);
  EXPECT_EQ(host.counter("commits"), 1);
}

TEST_F(PluginTest, stopping_commits_and_acknowledges_everything) {
  ASSERT_TRUE(host.start().ok());
  const auto delivered = host.deliver({metric("a", 1)});
  host.stop();
  ASSERT_TRUE(host.done(delivered.ticket).has_value());
  EXPECT_EQ(host.done(delivered.ticket)->status, PICKET_OK);
  EXPECT_EQ(host.timers(), 0U);
  EXPECT_EQ(host.deliver({metric("a", 2)}).status, PICKET_BUSY);
  EXPECT_EQ(stored("a"), std::vector<double>{1}) << "history answers on a stopped instance too";
}

TEST_F(PluginTest, flush_commits_at_once) {
  ASSERT_TRUE(host.start().ok());
  const auto delivered = host.deliver({metric("a", 1)});
  const auto answer = host.execute("flush");
  EXPECT_EQ(answer.status, PICKET_OK);
  EXPECT_EQ(json::parse(answer.text)["deliveries"], 1);
  EXPECT_TRUE(host.done(delivered.ticket).has_value());
}

TEST_F(PluginTest, events_that_cannot_be_samples_are_refused_one_by_one) {
  ASSERT_TRUE(host.start().ok());
  Event no_value = metric("a", 1);
  no_value.fields.erase("value");
  Event no_name = metric("", 1);
  Event ancient = metric("a", 1);
  ancient.time_ns = 1;
  Event future = metric("a", 1);
  future.time_ns += 2 * kHour;
  Event text = metric("a", 1);
  text.fields["value"] = std::string("12");
  const auto delivered = host.deliver({metric("a", 7), no_value, no_name, ancient, future, text, metric("b", 8)});
  ASSERT_EQ(delivered.status, PICKET_PENDING);
  host.advance(5s);
  const auto done = host.done(delivered.ticket);
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->status, PICKET_OK);
  EXPECT_EQ(done->refused, (std::vector<std::uint32_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(stored("a"), std::vector<double>{7});
  EXPECT_EQ(host.counter("refused_samples"), 5);
  EXPECT_TRUE(host.logged(PICKET_LOG_WARNING, "refused 5 of 7"));
}

TEST_F(PluginTest, a_series_is_host_source_name_and_attributes_and_never_a_pid) {
  ASSERT_TRUE(host.start().ok());
  host.deliver(
      {metric("m", 1, {{"cpu.mode", std::string("user")}, {"core", std::int64_t{0}}, {"pid", std::int64_t{7}}})});
  host.advance(1s);
  host.deliver(
      {metric("m", 2, {{"cpu.mode", std::string("user")}, {"core", std::int64_t{0}}, {"pid", std::int64_t{8}}}),
       metric("m", 3, {{"cpu.mode", std::string("idle")}}),
       metric("m", 4, {{"host", std::string("other")}, {"cpu.mode", std::string("idle")}})});
  const auto found = host.history_series("m");
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 3U);
  EXPECT_EQ(found->at(0).attributes, R"({"core":0,"cpu.mode":"user"})");
  EXPECT_EQ(found->at(0).host, "box");
  EXPECT_EQ(found->at(0).source, "host");
  EXPECT_EQ(host.history_points(found->at(0).id, 0, INT64_MAX)->size(), 2U);
  EXPECT_EQ(found->at(2).host, "other");
}

TEST(RoundToDecimals, keeps_what_has_no_such_place) {
  EXPECT_EQ(round_to_decimals(0.12345, 2), 0.12);
  EXPECT_EQ(round_to_decimals(1e300, 2), 1e300);
  EXPECT_EQ(round_to_decimals(-2.5001, 0), -3.0);
  EXPECT_EQ(round_to_decimals(0.12345, -1), 0.12345);
  EXPECT_TRUE(std::isnan(round_to_decimals(std::nan(""), 3)));
}

TEST_F(PluginTest, other_events_become_rows_with_their_fields) {
  ASSERT_TRUE(host.start().ok());
  Event crash{.kind = "process", .source = "jobs", .time_ns = host.wall_ns(), .severity = PICKET_SEVERITY_ERROR};
  crash.fields["message"] = std::string("web exited");
  crash.fields["code"] = std::int64_t{3};
  crash.fields["raw"] = std::string("bad \xFF utf-8");
  ASSERT_EQ(host.deliver({crash}).status, PICKET_PENDING);
  host.advance(5s);
  const Database meta = open_for_reading(directory() / kMetaFile, FileKind::meta);
  Statement row = meta.prepare("SELECT kind, source, severity, message, json_extract(fields, '$.code') FROM events");
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.text(0), "process");
  EXPECT_EQ(row.text(1), "jobs");
  EXPECT_EQ(row.integer(2), PICKET_SEVERITY_ERROR);
  EXPECT_EQ(row.text(3), "web exited");
  EXPECT_EQ(row.integer(4), 3);
}

TEST_F(PluginTest, the_limit_of_series_refuses_new_ones_and_counts_them) {
  FakeHost small(&type(), R"({"url": "sqlite:history", "max_series": 1})");
  ASSERT_TRUE(small.start().ok());
  Event a{.kind = "metric",
          .source = "s",
          .time_ns = small.wall_ns(),
          .fields = {{"name", std::string("a")}, {"value", 1.0}}};
  Event b = a;
  b.fields["name"] = std::string("b");
  const auto delivered = small.deliver({a, b, b});
  small.advance(5s);
  EXPECT_EQ(small.done(delivered.ticket)->refused, (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(small.counter("refused_series"), 2);
  EXPECT_TRUE(small.logged(PICKET_LOG_WARNING, "max_series"));
}

TEST_F(PluginTest, history_reads_on_an_instance_that_never_started) {
  ASSERT_TRUE(host.create().ok());
  const auto nothing = host.history_series();
  ASSERT_FALSE(nothing.ok());
  EXPECT_EQ(nothing.error().status, PICKET_NOT_FOUND);
  EXPECT_FALSE(std::filesystem::exists(directory())) << "reading makes nothing";
  EXPECT_EQ(host.history_points(0, 0, 1).error().status, PICKET_NOT_FOUND);
}

TEST_F(PluginTest, many_series_are_read_in_one_call) {
  ASSERT_TRUE(host.start().ok());
  for (int i = 0; i < 3; ++i) {
    host.deliver({metric("a", i), metric("b", 10 + i)});
    host.advance(1s);
  }
  const auto all = host.history_series();
  ASSERT_EQ(all->size(), 2U);
  const auto found = host.history_points_of({all->at(1).id, std::uint64_t{1} << 40U, all->at(0).id}, 0, INT64_MAX);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->at(0).size(), 3U);
  EXPECT_EQ(found->at(0)[2].last, 12);
  EXPECT_TRUE(found->at(1).empty());
  EXPECT_EQ(found->at(2)[0].last, 0);
}

TEST_F(PluginTest, a_delivery_that_is_offered_again_repeats_no_event) {
  ASSERT_TRUE(host.start().ok());
  const Event crash{.kind = "process", .source = "jobs", .time_ns = host.wall_ns()};
  host.deliver({crash});
  host.deliver({crash});
  host.advance(5s);
  const Database meta = open_for_reading(directory() / kMetaFile, FileKind::meta);
  EXPECT_EQ(meta.number("SELECT count(*) FROM events"), 1);
}

TEST_F(PluginTest, sealing_on_command_answers_with_the_hours) {
  ASSERT_TRUE(host.start().ok());
  host.deliver({metric("a", 1)});
  host.advance(1h);
  const picket_call call = host.begin("seal");
  ASSERT_TRUE(host.wait_until([&] { return host.answer(call).has_value(); }));
  EXPECT_EQ(host.answer(call)->status, PICKET_OK) << host.answer(call)->text;
  EXPECT_TRUE(std::filesystem::exists(directory() / raw_file_name(host.wall_ns() - kHour)));
  EXPECT_EQ(stored("a"), std::vector<double>{1});
  const json stats = json::parse(host.execute("stats").text);
  EXPECT_EQ(stats["series"], 1);
  EXPECT_EQ(stats["sealed_samples"], 1);
  EXPECT_GT(stats["disk_bytes"], 16'384);
  EXPECT_TRUE(host.wait_until([&] { return host.counter("sealed_chunks") == 1; }));
}

TEST_F(PluginTest, verifies_while_it_runs_and_repairs_only_while_nobody_does) {
  ASSERT_TRUE(host.start().ok());
  host.deliver({metric("a", 1)});
  const picket_call call = host.begin("verify", R"({"deep": true})");
  ASSERT_TRUE(host.wait_until([&] { return host.answer(call).has_value(); }));
  EXPECT_EQ(host.answer(call)->status, PICKET_OK) << host.answer(call)->text;
  const json found = json::parse(host.answer(call)->text);
  EXPECT_TRUE(found["good"].get<bool>());
  EXPECT_EQ(found["files"].size(), 2U);
  EXPECT_EQ(host.counter("inspected"), 100);
  EXPECT_EQ(json::parse(host.execute("info").text)["series"], 1);
  const auto refused = host.execute("repair", R"({"delete": false})");
  EXPECT_EQ(refused.status, PICKET_DENIED);
  EXPECT_NE(refused.text.find("in use by process"), std::string::npos) << refused.text;
}

TEST_F(PluginTest, an_instance_that_is_not_started_verifies_and_repairs) {
  ASSERT_TRUE(host.create().ok());
  EXPECT_EQ(host.execute("verify").status, PICKET_NOT_FOUND);
  EXPECT_EQ(host.execute("info").status, PICKET_NOT_FOUND);
  EXPECT_EQ(host.execute("repair").status, PICKET_NOT_FOUND);
  EXPECT_FALSE(std::filesystem::exists(directory())) << "looking makes nothing";
  {
    FakeHost writer(&type(), json{{"url", "sqlite:" + path_text(directory())}}.dump());
    ASSERT_TRUE(writer.start().ok());
    writer.stop();
  }
  EXPECT_TRUE(json::parse(host.execute("verify").text)["good"].get<bool>());
  const json repaired = json::parse(host.execute("repair").text);
  EXPECT_FALSE(repaired["lost"].get<bool>());
  EXPECT_TRUE(repaired["files"].empty());
}

TEST_F(PluginTest, a_finished_hour_is_sealed_without_being_asked) {
  ASSERT_TRUE(host.start().ok());
  host.deliver({metric("a", 1)});
  host.advance(1h + 4min);
  EXPECT_TRUE(host.wait_until([&] { return host.counter("sealed_chunks") == 1; }));
}

TEST_F(PluginTest, a_second_instance_on_the_directory_fails_to_start_and_says_who_has_it) {
  ASSERT_TRUE(host.start().ok());
  FakeHost second(&type(), json{{"url", "sqlite:" + path_text(directory())}}.dump());
  const auto started = second.start();
  ASSERT_FALSE(started.ok());
  EXPECT_NE(started.error().message.find("in use by process"), std::string::npos) << started.error().message;
}

TEST_F(PluginTest, other_urls_are_refused_with_what_there_is) {
  for (const char* url : {"postgresql://db/picket", "sqlite:", "history"}) {
    FakeHost other(&type(), json{{"url", url}}.dump());
    const auto made = other.create();
    ASSERT_FALSE(made.ok()) << url;
    EXPECT_NE(made.error().message.find("sqlite:DIRECTORY"), std::string::npos) << made.error().message;
  }
}

TEST_F(PluginTest, the_schema_is_json_and_lists_exactly_what_is_read) {
  const json schema = json::parse(kSettingsSchema);
  EXPECT_FALSE(schema["additionalProperties"].get<bool>());
  std::set<std::string> names;
  for (const auto& [name, property] : schema["properties"].items()) {
    names.insert(name);
    EXPECT_TRUE(property.contains("description")) << name;
  }
  EXPECT_EQ(names, (std::set<std::string>{"url", "commit_interval", "keep", "late", "max_size", "max_series", "host"}));
  std::set<std::string> tiers;
  for (const auto& [name, property] : schema["properties"]["keep"]["properties"].items()) tiers.insert(name);
  EXPECT_EQ(tiers, (std::set<std::string>{"raw", "minute", "hour", "day", "events"}));
}

}  // namespace
}  // namespace picket::perf_database

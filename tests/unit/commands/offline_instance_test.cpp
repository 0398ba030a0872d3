// SPDX-License-Identifier: Apache-2.0
#include "commands/offline_instance.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "commands/history.hpp"
#include "commands/verb_options.hpp"
#include "memory_plugin.hpp"

namespace picket::commands {
namespace {

using memory_plugin::seen;

class OfflineInstanceTest : public testing::Test {
 protected:
  OfflineInstanceTest() { seen = {}; }

  Result<std::unique_ptr<OfflineInstance>> create(const std::string& settings) {
    auto type = plugin_host::shake_hands(&memory_plugin::kType, "paint");
    EXPECT_TRUE(type);
    type_ = *type;
    config::Instance instance;
    instance.name = "wall";
    instance.type = "paint";
    instance.settings = settings;
    return OfflineInstance::create(instance, type_, state_dir(), log_);
  }
  static std::string state_dir() { return (std::filesystem::temp_directory_path() / "picket-none").string(); }

  plugin_host::PluginType type_;
  service::Log log_{quiet_log(), platform::system_clock(), service::make_stderr_log_sink()};
};

TEST_F(OfflineInstanceTest, is_created_with_its_settings_and_destroyed_once) {
  {
    const auto instance = create(R"({"colour":"red"})");
    ASSERT_TRUE(instance) << instance.error().message;
    EXPECT_EQ(seen.settings, R"({"colour":"red"})");
    EXPECT_EQ(seen.destroyed, 0);
  }
  EXPECT_EQ(seen.created, 1);
  EXPECT_EQ(seen.destroyed, 1);
}

TEST_F(OfflineInstanceTest, has_the_state_directory_but_no_routes_and_no_other_instances) {
  ASSERT_TRUE(create("{}"));
  EXPECT_EQ(std::filesystem::path(seen.state_root), state_dir());
  EXPECT_FALSE(seen.other_extension);
  EXPECT_EQ(seen.emitted, PICKET_CANCELLED);
  EXPECT_FALSE(std::filesystem::exists(state_dir()));
}

TEST_F(OfflineInstanceTest, gives_out_counters_because_plugins_take_none_for_a_failure) {
  ASSERT_TRUE(create("{}"));
  EXPECT_NE(seen.counter, 0U);
}

TEST_F(OfflineInstanceTest, a_refusal_carries_the_plugins_own_words_and_nothing_is_destroyed) {
  const auto instance = create(R"({"colour":"bad"})");
  ASSERT_FALSE(instance);
  EXPECT_EQ(instance.error().message, "the colour is bad");
  EXPECT_EQ(instance.error().status, PICKET_INVALID);
  EXPECT_EQ(seen.destroyed, 0);
}

TEST_F(OfflineInstanceTest, an_exception_that_the_plugin_lets_out_is_an_error_like_another) {
  const auto instance = create(R"({"colour":"explosive"})");
  ASSERT_FALSE(instance);
  EXPECT_EQ(instance.error().message, "create threw across the plugin boundary: the paint blew up");
  EXPECT_EQ(seen.destroyed, 0);
}

TEST_F(OfflineInstanceTest, history_is_read_through_it) {
  const auto instance = create("{}");
  ASSERT_TRUE(instance);
  EXPECT_EQ((*instance)->extension("no.such/1"), nullptr);
  const auto* const table = static_cast<const picket_history*>((*instance)->extension(PICKET_EXT_HISTORY));
  ASSERT_NE(table, nullptr);
  PluginHistory history(*table, (*instance)->self());
  const auto series = history.series("", 3);
  ASSERT_TRUE(series) << series.error().message;
  ASSERT_EQ(series->size(), 3U);
  EXPECT_EQ((*series)[0].name, "load");
  EXPECT_EQ((*series)[0].unit, "");
  EXPECT_EQ(history.series("", 2).error().status, PICKET_LIMIT);

  // The plugin has no points_of: each series is read by itself, and one that does not exist has no points.
  std::vector<double> values;
  const std::vector<std::uint64_t> ids = {8, 7};
  const auto take = [&](std::size_t index, std::span<const picket_history_point> points) {
    EXPECT_EQ(index, 1U);
    for (const auto& point : points) values.push_back(point.last);
    return true;
  };
  ASSERT_TRUE(history.points_of(ids, 100, 200, 0, take));
  EXPECT_THAT(values, ::testing::ElementsAre(1, 2));
  const auto stop = [](std::size_t, std::span<const picket_history_point>) { return false; };
  EXPECT_TRUE(history.points_of(ids, 100, 200, 0, stop)) << "to stop early is no error";
  values.clear();
  const std::vector<std::uint64_t> failing = {9, 7};
  EXPECT_EQ(history.points_of(failing, 100, 200, 0, take).error().message, "the disk is on fire");
  EXPECT_THAT(values, ::testing::ElementsAre(1, 2)) << "one that fails does not hide the other";
}

TEST_F(OfflineInstanceTest, the_history_of_a_newer_plugin_is_read_in_one_pass) {
  picket_history table = memory_plugin::kHistory;
  table.points_of = [](void*, const std::uint64_t* series, std::uint32_t count, std::int64_t from, std::int64_t,
                       std::int64_t, picket_history_many_fn fn, void* context, picket_error*) -> picket_status {
    for (std::uint32_t turn = 0; turn < 2; ++turn) {
      for (std::uint32_t i = 0; i < count; ++i) {
        const picket_history_point point = {from + turn, 0, 0, 0, static_cast<double>(series[i]), 1};
        if (fn(context, i, &point, 1) != 0) return PICKET_CANCELLED;
      }
    }
    return PICKET_OK;
  };
  PluginHistory history(table, nullptr);
  std::vector<double> values;
  const auto take = [&](std::size_t, std::span<const picket_history_point> points) {
    values.push_back(points[0].last);
    return values.size() < 3;
  };
  EXPECT_TRUE(history.points_of(std::vector<std::uint64_t>{4, 5}, 0, 9, 0, take));
  EXPECT_THAT(values, ::testing::ElementsAre(4, 5, 4));
}

TEST_F(OfflineInstanceTest, carries_out_commands_and_waits_for_the_first_answer) {
  const auto instance = create("{}");
  ASSERT_TRUE(instance);
  EXPECT_TRUE((*instance)->has_command("echo"));
  EXPECT_FALSE((*instance)->has_command("sing"));
  EXPECT_EQ((*instance)->call("echo", R"({"a":1})").value(), R"({"a":1})");
  EXPECT_EQ((*instance)->call("later", "[2]").value(), "[2]");
  seen.thread.join();
  EXPECT_EQ((*instance)->call("echo", "3").value(), "3") << "the answers of earlier calls are over";
}

TEST_F(OfflineInstanceTest, a_command_that_fails_says_why) {
  const auto instance = create("{}");
  ASSERT_TRUE(instance);
  const auto refused = (*instance)->call("fail", "{}");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "not in this colour");
  EXPECT_EQ(refused.error().status, PICKET_BUSY);
  EXPECT_EQ((*instance)->call("sing", "{}").error().status, PICKET_NOT_FOUND);
}

TEST_F(OfflineInstanceTest, tells_what_a_gauge_is_set_to) {
  const auto instance = create("{}");
  ASSERT_TRUE(instance);
  std::string told;
  (*instance)->watch_gauges(
      [&](const std::string& name, std::int64_t value) { told = name + "=" + std::to_string(value); });
  ASSERT_TRUE((*instance)->call("echo", "{}"));
  EXPECT_EQ(told, "strokes=42");
}

}  // namespace
}  // namespace picket::commands

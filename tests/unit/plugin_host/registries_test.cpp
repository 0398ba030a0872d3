// SPDX-License-Identifier: Apache-2.0
//
// The small stores behind the host's table: settings, state, counters, metric descriptions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "plugin_host/config_view.hpp"
#include "plugin_host/counters.hpp"
#include "plugin_host/metric_registry.hpp"
#include "plugin_host/state_store.hpp"
#include "plugin_host/text.hpp"

namespace picket::plugin_host {
namespace {

using ::testing::HasSubstr;

picket_metric metric(std::string_view name, std::string_view unit) {
  picket_metric result{};
  result.size = sizeof result;
  result.name = text(name);
  result.unit = text(unit);
  result.decimals = 3;
  return result;
}

TEST(ConfigViewTest, scalars_are_found_by_pointer_and_type) {
  const ConfigView config(R"({"a": {"b": 5, "c": 1.5, "d": "text", "e": true}, "list": [1, 2]})");
  const picket_config* table = config.get();
  picket_field value{};
  picket_str string{};
  const auto get = [&](std::string_view pointer, picket_type type) {
    return table->get(table->self, text(pointer), type, &value, &string);
  };
  EXPECT_EQ(get("/a/b", PICKET_TYPE_INT), PICKET_OK);
  EXPECT_EQ(value.value.i, 5);
  EXPECT_EQ(get("/a/b", PICKET_TYPE_DOUBLE), PICKET_OK);
  EXPECT_EQ(value.value.f, 5.0);
  EXPECT_EQ(get("/a/d", PICKET_TYPE_TEXT), PICKET_OK);
  EXPECT_EQ(view(string), "text");
  EXPECT_EQ(get("/a/e", PICKET_TYPE_BOOL), PICKET_OK);
  EXPECT_EQ(get("/list/1", PICKET_TYPE_INT), PICKET_OK);
  EXPECT_EQ(value.value.i, 2);
  EXPECT_EQ(get("/a/c", PICKET_TYPE_INT), PICKET_INVALID);
  EXPECT_EQ(get("/a", PICKET_TYPE_TEXT), PICKET_INVALID);
  EXPECT_EQ(get("/nothing", PICKET_TYPE_INT), PICKET_NOT_FOUND);
  EXPECT_EQ(get("no pointer", PICKET_TYPE_INT), PICKET_INVALID);
  EXPECT_EQ(get("/a/b", 99), PICKET_INVALID);
}

class StateStoreTest : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(root_); }

  const std::filesystem::path root_ =
      std::filesystem::path(::testing::TempDir()) /
      ("state_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
  StateStore store_{root_, "web"};
};

TEST_F(StateStoreTest, values_come_back_and_outlive_the_store) {
  ASSERT_TRUE(store_.put("cursor", "42").ok());
  ASSERT_TRUE(store_.put("cursor", "43").ok());
  StateStore again(root_, "web");
  const auto value = again.get("cursor");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(*value, "43");
  ASSERT_TRUE(again.remove("cursor").ok());
  ASSERT_TRUE(again.remove("cursor").ok());
  EXPECT_EQ(again.get("cursor").error().status, PICKET_NOT_FOUND);
}

TEST_F(StateStoreTest, instances_do_not_see_each_other) {
  ASSERT_TRUE(store_.put("key", "mine").ok());
  StateStore other(root_, "other");
  EXPECT_EQ(other.get("key").error().status, PICKET_NOT_FOUND);
}

TEST_F(StateStoreTest, keys_cannot_leave_the_directory_and_values_are_bounded) {
  for (const char* key : {"", "../x", "a/b", "A", ".hidden", "-x", "a b"}) {
    EXPECT_EQ(store_.put(key, "x").error().status, PICKET_INVALID) << key;
  }
  EXPECT_FALSE(store_.put(std::string(65, 'a'), "x").ok());
  EXPECT_EQ(store_.put("big", std::string(StateStore::kMaxValue + 1, 'x')).error().status, PICKET_LIMIT);
}

TEST_F(StateStoreTest, looking_for_a_value_makes_nothing) {
  EXPECT_EQ(store_.get("offset").error().status, PICKET_NOT_FOUND);
  EXPECT_TRUE(store_.remove("offset").ok());
  EXPECT_FALSE(std::filesystem::exists(root_));
}

TEST_F(StateStoreTest, a_root_that_cannot_be_made_is_an_error_that_names_it) {
  std::filesystem::create_directories(root_);
  {
    std::FILE* file = std::fopen((root_ / "file").string().c_str(), "wb");
    ASSERT_NE(file, nullptr);
    std::fclose(file);
  }
  StateStore below_a_file(root_ / "file", "x");
  const auto result = below_a_file.put("key", "value");
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error().message, HasSubstr("cannot make"));
}

TEST(CountersTest, a_counter_registered_again_is_the_same_one) {
  Counters counters;
  const std::uint32_t id = counters.add(metric("beats", "{beat}"));
  counters.increment(id, 3);
  EXPECT_EQ(counters.add(metric("beats", "")), id);
  counters.increment(id, 2);
  counters.increment(0, 100);
  counters.increment(Counters::kMax + 1, 100);
  ASSERT_EQ(counters.read().size(), 1U);
  EXPECT_EQ(counters.read()[0].value, 5);
  EXPECT_EQ(counters.read()[0].unit, "{beat}");
}

TEST(CountersTest, their_number_is_bounded) {
  Counters counters;
  for (std::uint32_t i = 0; i < Counters::kMax; ++i) ASSERT_NE(counters.add(metric("c" + std::to_string(i), "")), 0U);
  EXPECT_EQ(counters.add(metric("one too many", "")), 0U);
  EXPECT_EQ(counters.add(metric("", "")), 0U);
}

TEST(MetricRegistryTest, the_first_description_of_a_name_wins) {
  routing::Names names;
  MetricRegistry registry(names);
  const picket_name name = registry.describe(metric("system.memory.usage", "By"));
  EXPECT_EQ(registry.describe(metric("system.memory.usage", "s")), name);
  picket_metric found{};
  found.size = sizeof found;
  ASSERT_EQ(registry.find(name, found), PICKET_OK);
  EXPECT_EQ(view(found.unit), "By");
  EXPECT_EQ(found.decimals, 3);
  EXPECT_EQ(registry.find(name + 1, found), PICKET_NOT_FOUND);
}

TEST(MetricRegistryTest, an_older_caller_gets_no_more_than_it_knows) {
  routing::Names names;
  MetricRegistry registry(names);
  const picket_name name = registry.describe(metric("a", "By"));
  picket_metric old{};
  old.size = offsetof(picket_metric, decimals);
  old.decimals = 77;
  ASSERT_EQ(registry.find(name, old), PICKET_OK);
  EXPECT_EQ(old.decimals, 77);
  EXPECT_EQ(old.size, offsetof(picket_metric, decimals));
}

TEST(ErrorTextTest, a_long_message_is_cut_between_characters) {
  picket_error error{};
  std::string message(502, 'x');
  message += "\xC3\xA9";  // two bytes that would straddle the end
  set_error(&error, PICKET_FAILED, message);
  EXPECT_EQ(std::string(error.message), std::string(502, 'x'));
  set_error(nullptr, PICKET_FAILED, "nobody listens");
}

}  // namespace
}  // namespace picket::plugin_host

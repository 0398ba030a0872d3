// SPDX-License-Identifier: Apache-2.0
#include "plugin_host/catalog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "platform/shared_library.hpp"
#include "scripted_plugin.hpp"

namespace picket::plugin_host {
namespace {

using ::testing::HasSubstr;

picket_plugin_type good() {
  return *ScriptedPlugin::type();
}

TEST(HandshakeTest, a_plugin_of_the_same_major_is_accepted_whatever_its_minor) {
  picket_plugin_type type = good();
  type.abi_minor = 99;
  const auto result = shake_hands(&type, "scripted");
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->id, "scripted");
  EXPECT_EQ(result->abi_minor, 99);
}

TEST(HandshakeTest, another_major_says_which_side_to_update) {
  picket_plugin_type type = good();
  type.abi_major = PICKET_ABI_MAJOR + 1;
  EXPECT_THAT(shake_hands(&type, {}).error().message, HasSubstr("update the daemon"));
  type.abi_major = PICKET_ABI_MAJOR - 1;
  EXPECT_THAT(shake_hands(&type, {}).error().message, HasSubstr("update the plugin"));
}

TEST(HandshakeTest, a_plugin_that_needs_a_newer_host_says_what_it_needs_and_what_there_is) {
  picket_plugin_type type = good();
  type.min_host_minor = PICKET_ABI_MINOR + 3;
  const std::string message = shake_hands(&type, {}).error().message;
  EXPECT_THAT(message, HasSubstr("it needs plugin ABI 1.3"));
  EXPECT_THAT(message, HasSubstr("this daemon has 1.0"));
}

TEST(HandshakeTest, missing_parts_are_named) {
  picket_plugin_type type = good();
  type.create = nullptr;
  type.config_schema = nullptr;
  EXPECT_THAT(shake_hands(&type, {}).error().message, HasSubstr("config_schema create"));
  EXPECT_FALSE(shake_hands(nullptr, {}).ok());
}

TEST(HandshakeTest, a_shorter_table_is_read_only_as_far_as_it_goes) {
  picket_plugin_type type = good();
  type.size = offsetof(picket_plugin_type, create);  // as if `create` had been added later
  EXPECT_THAT(shake_hands(&type, {}).error().message, HasSubstr("create"));
}

TEST(HandshakeTest, a_file_under_another_name_is_refused) {
  const picket_plugin_type type = good();
  EXPECT_THAT(shake_hands(&type, "other").error().message, HasSubstr("rename the file"));
}

class CatalogTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(directory_); }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  const std::filesystem::path directory_ =
      std::filesystem::path(::testing::TempDir()) /
      ("catalog_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
};

TEST_F(CatalogTest, an_unknown_plugin_names_every_place_that_was_searched) {
  PluginCatalog catalog({directory_ / "a", directory_ / "b"});
  const auto result = catalog.find("nosuch");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().status, PICKET_NOT_FOUND);
  EXPECT_THAT(result.error().message, HasSubstr((directory_ / "a" / platform::library_file_name("nosuch")).string()));
  EXPECT_THAT(result.error().message, HasSubstr((directory_ / "b" / platform::library_file_name("nosuch")).string()));
}

TEST_F(CatalogTest, a_file_that_is_no_library_is_listed_with_its_problem) {
  std::ofstream(directory_ / platform::library_file_name("broken")) << "this is no library";
  std::ofstream(directory_ / "README.txt") << "this has nothing to do with it";
  PluginCatalog catalog({directory_});
  EXPECT_THAT(catalog.ids(), ::testing::ElementsAre("broken"));
  const auto list = catalog.list();
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].type, nullptr);
  EXPECT_THAT(list[0].problem, HasSubstr("cannot be used"));
}

TEST_F(CatalogTest, a_type_that_was_added_is_found) {
  PluginCatalog catalog({});
  ASSERT_TRUE(catalog.add(ScriptedPlugin::type()).ok());
  ASSERT_TRUE(catalog.find("scripted").ok());
  EXPECT_EQ((*catalog.find("scripted"))->summary, "Does what a test says");
}

}  // namespace
}  // namespace picket::plugin_host

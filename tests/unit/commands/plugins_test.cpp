// SPDX-License-Identifier: Apache-2.0
#include "commands/plugins.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "../platform/temporary_directory.hpp"
#include "commands/exit_codes.hpp"
#include "memory_plugin.hpp"
#include "platform/shared_library.hpp"

namespace picket::commands {
namespace {

using testing::HasSubstr;

class PluginsTest : public testing::Test {
 protected:
  std::ostringstream out_, err_;
};

TEST_F(PluginsTest, an_empty_list_says_where_to_look) {
  plugin_host::PluginCatalog catalog({});
  EXPECT_EQ(list_plugins(catalog, false, {}, out_, err_), kExitUnavailable);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(err_.str(), HasSubstr("--plugin-path"));
}

TEST_F(PluginsTest, a_file_that_is_no_plugin_is_listed_with_its_problem) {
  const TemporaryDirectory directory;
  std::ofstream(directory / platform::library_file_name("broken"), std::ios::binary) << "not a library";
  plugin_host::PluginCatalog catalog({directory.path()});
  EXPECT_EQ(list_plugins(catalog, false, {}, out_, err_), kExitNotWell);
  EXPECT_THAT(out_.str(), HasSubstr("broken"));
  EXPECT_THAT(err_.str(), HasSubstr("picket plugins: broken: "));
  out_.str("");
  EXPECT_EQ(list_plugins(catalog, true, {}, out_, err_), kExitNotWell);
  const auto answer = nlohmann::json::parse(out_.str());
  EXPECT_EQ(answer[0]["id"], "broken");
  EXPECT_FALSE(answer[0]["problem"].get<std::string>().empty());
}

TEST_F(PluginsTest, describe_shows_the_settings_as_yaml_or_the_schema_itself) {
  plugin_host::PluginCatalog catalog({});
  ASSERT_TRUE(catalog.add(&memory_plugin::kType));
  EXPECT_EQ(describe_plugin(catalog, "paint", false, out_, err_), kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("# paint 1.2: Paints things\n"));
  EXPECT_THAT(out_.str(), HasSubstr("What to paint with."));
  EXPECT_THAT(out_.str(), HasSubstr("colour:"));
  out_.str("");
  EXPECT_EQ(describe_plugin(catalog, "paint", true, out_, err_), kExitOk);
  EXPECT_TRUE(nlohmann::json::parse(out_.str())["properties"].contains("colour"));
}

TEST_F(PluginsTest, describe_of_what_is_not_there_is_unavailable) {
  plugin_host::PluginCatalog catalog({});
  EXPECT_EQ(describe_plugin(catalog, "paint", false, out_, err_), kExitUnavailable);
  EXPECT_THAT(err_.str(), HasSubstr("paint"));
}

}  // namespace
}  // namespace picket::commands

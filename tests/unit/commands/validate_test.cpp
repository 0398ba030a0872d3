// SPDX-License-Identifier: Apache-2.0
#include "commands/validate.hpp"

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

using testing::HasSubstr;
using testing::IsEmpty;

class ValidateTest : public testing::Test {
 protected:
  // Reads `yaml` with the plugin `paint` installed.
  Configuration read(const std::string& yaml) {
    std::filesystem::permissions(directory_.path(), std::filesystem::perms::owner_all);
    std::ofstream(file(), std::ios::binary) << yaml;
    std::filesystem::permissions(file(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    auto catalog = std::make_shared<plugin_host::PluginCatalog>(std::vector<std::filesystem::path>());
    EXPECT_TRUE(catalog->add(&memory_plugin::kType));
    return read_configuration({{file().string()}, {}}, surroundings_, catalog);
  }
  int run(const std::string& yaml, bool print = false, bool json = false) {
    out_.str("");
    err_.str("");
    return check_configuration(read(yaml), print, json, surroundings_);
  }
  std::filesystem::path file() const { return directory_ / "picket.yaml"; }

  TemporaryDirectory directory_;
  std::ostringstream out_, err_;
  std::map<std::string, std::string> environment_;
  Surroundings surroundings_{out_,
                             err_,
                             {},
                             [this](const std::string& name) -> std::optional<std::string> {
                               const auto found = environment_.find(name);
                               if (found == environment_.end()) return std::nullopt;
                               return found->second;
                             },
                             platform::system_clock()};
};

TEST_F(ValidateTest, a_good_file_is_counted) {
  EXPECT_EQ(run("instances:\n  wall: {type: paint, colour: red}\nroutes:\n  own: {from: picket, to: wall}\n"), kExitOk)
      << err_.str();
  EXPECT_EQ(out_.str(), "the configuration is good: 1 instance, 1 route, from 1 file\n");
  EXPECT_THAT(err_.str(), IsEmpty());
}

TEST_F(ValidateTest, a_mistake_in_an_expression_of_a_step_is_shown_at_its_place) {
  EXPECT_EQ(run("instances:\n  wall: {type: paint, colour: red}\nroutes:\n  own:\n    from: picket\n    to: wall\n"
                "    steps:\n      - set: {compute: {percent: value * *}}\n"),
            kExitConfiguration);
  EXPECT_THAT(err_.str(), HasSubstr("picket.yaml:8:42: route `own`: step 1 (set): "));
}

TEST_F(ValidateTest, steps_are_printed_with_their_defaults) {
  EXPECT_EQ(run("instances:\n  wall: {type: paint, colour: red}\nroutes:\n  own:\n    from: picket\n    to: wall\n"
                "    steps: [{throttle: {events: 5, per: 1m}}]\n",
                true),
            kExitOk)
      << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("- throttle:\n          by: []\n          events: 5\n          max_keys: 10000\n"
                                    "          per: 1m\n"));
}

TEST_F(ValidateTest, a_mistake_is_shown_at_its_place) {
  EXPECT_EQ(run("instances:\n  wall: {type: paint, color: red}\n"), kExitConfiguration);
  EXPECT_THAT(err_.str(), HasSubstr("picket.yaml:2:"));
  EXPECT_THAT(err_.str(), HasSubstr("colour"));
  EXPECT_THAT(out_.str(), IsEmpty());
}

TEST_F(ValidateTest, what_only_the_plugin_knows_is_found_and_shown_at_the_instance) {
  EXPECT_EQ(run("instances:\n  wall: {type: paint, colour: bad}\n"), kExitConfiguration);
  EXPECT_THAT(err_.str(), HasSubstr("picket.yaml:2:"));
  EXPECT_THAT(err_.str(), HasSubstr("the plugin paint refuses the settings of `wall`: the colour is bad"));
}

TEST_F(ValidateTest, a_filter_that_does_not_compile_is_a_mistake) {
  EXPECT_EQ(run("instances:\n  wall: {type: paint}\nroutes:\n  r: {from: wall, where: 'severity >', to: wall}\n"),
            kExitConfiguration);
  EXPECT_THAT(err_.str(), HasSubstr("picket.yaml:4:"));
}

TEST_F(ValidateTest, json_has_the_findings) {
  EXPECT_EQ(run("instances:\n  wall: {type: paint, color: red}\n", false, true), kExitConfiguration);
  const auto answer = nlohmann::json::parse(out_.str());
  EXPECT_EQ(answer["ok"], false);
  EXPECT_EQ(answer["findings"][0]["line"], 2);
  EXPECT_EQ(run("instances: {}\n", false, true), kExitOk);
  EXPECT_EQ(nlohmann::json::parse(out_.str())["ok"], true);
}

TEST_F(ValidateTest, print_shows_what_is_in_force) {
  environment_["COLOUR"] = "green";
  EXPECT_EQ(run("instances:\n  wall: {type: paint, colour: '${COLOUR}'}\n", true), kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("colour: green"));
}

TEST_F(ValidateTest, a_missing_file_is_a_configuration_error_that_names_it) {
  const auto configuration = read_configuration({{(directory_ / "none.yaml").string()}, {}}, surroundings_);
  EXPECT_FALSE(configuration.loaded.model);
  EXPECT_NE(configuration.catalog, nullptr);
  EXPECT_THAT(configuration.loaded.diagnostics.render(), HasSubstr("none.yaml"));
}

TEST_F(ValidateTest, plugin_directories_come_from_the_option_then_the_environment_then_the_defaults) {
  EXPECT_FALSE(plugin_directories({}, surroundings_).empty());
  const std::string one = (directory_ / "one").string();
  const std::string two = (directory_ / "two").string();
  environment_["PICKET_PLUGIN_PATH"] = one + config::kPathListSeparator + two;
  EXPECT_THAT(plugin_directories({}, surroundings_), testing::ElementsAre(one, two));
  EXPECT_THAT(plugin_directories({{}, {two}}, surroundings_), testing::ElementsAre(two));
}

}  // namespace
}  // namespace picket::commands

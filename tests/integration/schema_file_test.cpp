// SPDX-License-Identifier: Apache-2.0
//
// `picket schema`, and the one that is shipped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/site.hpp"

namespace picket::integration {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const char* const kShippedPlugins[] = {PICKET_SHIPPED_PLUGINS};

Output schema_of_shipped_plugins() {
  std::vector<std::string> words = {"schema", "--plugin-path", plugin_folder().string()};
  for (const char* plugin : kShippedPlugins) words.insert(words.end(), {"--plugin", plugin});
  return run_picket(words);
}

TEST(SchemaFile, the_shipped_one_is_what_the_program_says_today) {
  const Output output = schema_of_shipped_plugins();
  ASSERT_EQ(output.exit_code, 0) << output.err;
  EXPECT_TRUE(output.out == read_file(PICKET_SCHEMA_FILE))
      << "config/picket.schema.json is out of date; make it anew: cmake --build BUILD --target picket_schema_file";
}

// Properties without a description, by where they are.
void find_silent(const json& schema, const json& root, const std::string& where, std::vector<std::string>& silent) {
  if (schema.is_array()) {
    for (const json& item : schema) find_silent(item, root, where + "[]", silent);
  }
  if (!schema.is_object()) return;
  for (const auto& [key, value] : schema.items()) {
    if (key == "properties" && value.is_object()) {
      for (const auto& [name, property] : value.items()) {
        json said = property;
        for (int i = 0; i < 8 && said.contains("$ref"); ++i) {
          said = root.at("definitions").at(said.at("$ref").get<std::string>().substr(sizeof("#/definitions/") - 1));
        }
        // An empty one stands for a name that another part of the schema describes; `if` only chooses.
        if (!said.empty() && said.value("description", "").empty()) silent.push_back(where + "/" + name);
        find_silent(property, root, std::string(where).append("/").append(name), silent);
      }
    } else if (key != "if" && key != "default" && key != "enum" && key != "const") {
      find_silent(value, root, std::string(where).append("/").append(key), silent);
    }
  }
}

TEST(SchemaFile, every_property_has_a_description) {
  const Output output = schema_of_shipped_plugins();
  ASSERT_EQ(output.exit_code, 0) << output.err;
  const json schema = json::parse(output.out);
  std::vector<std::string> silent;
  find_silent(schema, schema, "", silent);
  EXPECT_THAT(silent, testing::IsEmpty());
}

// Limits are put into descriptions, and must not be all that is there.
TEST(SchemaFile, every_setting_of_a_plugin_and_a_step_is_described_by_its_author) {
  std::vector<std::vector<std::string>> all;
  for (const char* plugin : kShippedPlugins) {
    all.push_back({"plugins", "describe", plugin, "--json", "--plugin-path", plugin_folder().string()});
  }
  for (const json& step : json::parse(run_picket({"steps", "list", "--json"}).out)) {
    all.push_back({"steps", "describe", step.at("name"), "--json"});
  }
  for (const auto& words : all) {
    const Output output = run_picket(words);
    ASSERT_EQ(output.exit_code, 0) << output.err;
    const json schema = json::parse(output.out);
    std::vector<std::string> silent;
    find_silent(schema, schema, "", silent);
    EXPECT_THAT(silent, testing::IsEmpty()) << words[2];
  }
}

TEST(SchemaFile, shipped_files_tell_editors_where_it_is) {
  std::vector<std::filesystem::path> files = {PICKET_SHIPPED_CONFIG};
  for (const auto& entry : std::filesystem::directory_iterator(PICKET_EXAMPLES)) files.push_back(entry.path());
  EXPECT_GT(files.size(), 5U);
  for (const auto& file : files) {
    const bool example = file.parent_path() == PICKET_EXAMPLES;
    const std::string line =
        std::string("# yaml-language-server: $schema=") + (example ? "../" : "") + "picket.schema.json\n";
    EXPECT_TRUE(read_file(file).starts_with(line)) << file;
  }
}

TEST(SchemaVerb, a_plugin_that_is_not_there_is_named) {
  const Output output = run_picket({"schema", "--plugin-path", plugin_folder().string(), "--plugin", "perf_colector"});
  EXPECT_EQ(output.exit_code, 69);
  EXPECT_THAT(output.err, HasSubstr("did you mean `perf_collector`?"));
}

TEST(SchemaVerb, a_plugin_that_cannot_be_used_is_left_out_and_said) {
  const Output output = run_picket({"schema", "--plugin-path", fixture_folder().string()});
  EXPECT_EQ(output.exit_code, 0);
  EXPECT_THAT(output.err, HasSubstr("left out: other_major"));
  EXPECT_TRUE(json::parse(output.out).at("definitions").contains("plugin.refusing"));
}

}  // namespace
}  // namespace picket::integration

// SPDX-License-Identifier: Apache-2.0
#include "config/schema.hpp"

#include "config/daemon_schema.hpp"
#include "config/prepared_schema.hpp"
#include "fixture.hpp"

namespace picket::config {
namespace {

using testing::HasSubstr;

constexpr const char* kSchema = R"({"description": "Measures.", "required": ["url"], "properties": {
    "url": {"type": "string", "description": "Where to."},
    "every": {"type": "string", "format": "duration", "minimum": "1s", "default": "5s", "description": "How often."},
    "keep": {"type": "string", "format": "duration", "forever": true},
    "mode": {"enum": ["fast", "slow"], "default": "slow"},
    "group": {"type": "object", "properties": {"size": {"type": "string", "format": "bytes", "maximum": 1024}}},
    "token": {"type": "string", "secret": true}}})";

class SchemaExample : public ConfigTest {};

TEST_F(SchemaExample, shows_each_setting_below_what_it_means) {
  const auto text = schema_example("thing", kSchema);
  ASSERT_TRUE(text.ok()) << text.error().message;
  EXPECT_EQ(*text,
            "# Measures.\n"
            "instances:\n"
            "  my_thing:\n"
            "    type: thing\n"
            "    # How often.\n"
            "    # (a duration like 5s, at least 1s; default 5s)\n"
            "    #every: 5s\n"
            "    # (a mapping)\n"
            "    #group:\n"
            "      # (a size like 64MiB, at most 1KiB)\n"
            "      #size: 1KiB\n"
            "    # (a duration like 5s or `forever`)\n"
            "    #keep: 5s\n"
            "    # (one of `fast`, `slow`; default slow)\n"
            "    #mode: \"slow\"\n"
            "    # (a string, secret)\n"
            "    #token: \"...\"\n"
            "    # Where to.\n"
            "    # (a string; required)\n"
            "    url: \"...\"\n");
}

TEST_F(SchemaExample, is_a_file_that_loads_with_and_without_its_comment_marks) {
  plugins.schemas["thing"] = kSchema;
  std::string text = schema_example("thing", kSchema).value();
  EXPECT_TRUE(load_text(text).model) << load_text(text).diagnostics.render() << text;
  for (std::size_t at = 0; (at = text.find(" #", at)) != std::string::npos; ++at) {
    if (text[at + 2] != ' ') text.erase(at + 1, 1);
  }
  EXPECT_TRUE(load_text(text).model) << load_text(text).diagnostics.render() << text;
}

TEST_F(SchemaExample, a_schema_that_refers_to_itself_ends) {
  const auto text = schema_example("x", R"json({"definitions": {"x": {"type": "object", "properties":
      {"x": {"$ref": "#/definitions/x"}}}}, "properties": {"x": {"$ref": "#/definitions/x"}}})json");
  ASSERT_TRUE(text.ok());
  EXPECT_LT(text->size(), 2'000U);
}

TEST_F(SchemaExample, a_schema_that_is_none_is_an_error) {
  EXPECT_THAT(schema_example("x", "{").error().message, HasSubstr("its schema"));
}

TEST_F(SchemaExample, the_daemons_own_schemas_can_be_used) {
  EXPECT_TRUE(PreparedSchema::make(daemon_schema()).ok());
  EXPECT_TRUE(PreparedSchema::make(route_schema()).ok());
}

}  // namespace
}  // namespace picket::config

// SPDX-License-Identifier: Apache-2.0
#include "config/print.hpp"

#include <nlohmann/json.hpp>

#include "config/model_diff.hpp"
#include "fixture.hpp"

namespace picket::config {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kFile =
    "daemon: {threads: 5, stop_timeout: 90s, log: {format: json}}\n"
    "instances:\n"
    "  m:\n"
    "    type: meter\n"
    "    keep: forever\n"
    "    size: 1536KiB\n"
    "    any: {t: 'true', n: '12', z: '', tilde: '~', dollar: '$${X}', list: [], map: {}, deep: [{a: 1.5}, [null]],\n"
    "          odd: \"a: b # c\\n\\td\\u00e4\\x01\", dash: '- x', 'key: odd': yes}\n"
    "  s: {type: store, url: 'sqlite:x'}\n"
    "routes:\n"
    "  r: {from: [m.out, picket], where: 'name == \"x\"', to: [s, {instance: m, queue: {bytes: 5kB}, on_full: "
    "drop_newest}]}\n";

class Print : public ConfigTest {};

TEST_F(Print, yaml_reads_back_as_the_same_model) {
  const Loaded first = load_text(kFile);
  ASSERT_TRUE(first.model) << first.diagnostics.render();
  const std::string text = print_yaml(*first.model);
  const Loaded second = load_text(text);
  ASSERT_TRUE(second.model) << second.diagnostics.render() << text;
  EXPECT_TRUE(diff(*first.model, *second.model).empty()) << text;
  EXPECT_EQ(print_yaml(*second.model), text);
}

TEST_F(Print, durations_and_sizes_have_units) {
  const Loaded loaded = load_text(kFile);
  const std::string text = print_yaml(*loaded.model);
  EXPECT_THAT(text, HasSubstr("keep: forever\n"));
  EXPECT_THAT(text, HasSubstr("interval: 5s\n"));
  EXPECT_THAT(text, HasSubstr("size: 1536KiB\n"));
  EXPECT_THAT(text, HasSubstr("stop_timeout: 1m30s\n"));
}

TEST_F(Print, json_is_the_same_tree) {
  const Loaded loaded = load_text(kFile);
  const auto tree = nlohmann::json::parse(print_json(*loaded.model));
  EXPECT_EQ(tree["daemon"]["threads"], 5);
  EXPECT_EQ(tree["instances"]["m"]["type"], "meter");
  EXPECT_EQ(tree["instances"]["m"]["size"], "1536KiB");
  EXPECT_EQ(tree["routes"]["r"]["from"], nlohmann::json({"m.out", "picket"}));
  EXPECT_EQ(tree["routes"]["r"]["to"][1]["on_full"], "drop_newest");
}

TEST_F(Print, secrets_are_hidden_everywhere) {
  const Loaded loaded = load_text("instances: {m: {type: meter, password: hunter2}}\n");
  ASSERT_TRUE(loaded.model);
  const std::string all =
      print_yaml(*loaded.model) + print_json(*loaded.model) + redacted_settings(loaded.model->instances.at("m"));
  EXPECT_THAT(all, Not(HasSubstr("hunter2")));
  EXPECT_THAT(print_yaml(*loaded.model), HasSubstr("password: (secret)\n"));
  const auto settings = nlohmann::json::parse(redacted_settings(loaded.model->instances.at("m")));
  EXPECT_EQ(settings["password"], "(secret)");
  EXPECT_EQ(settings["interval"], "5s");
}

TEST_F(Print, a_model_with_nothing_in_it_reads_back) {
  const Loaded first = load_text("");
  const Loaded second = load_text(print_yaml(*first.model));
  ASSERT_TRUE(second.model) << second.diagnostics.render();
  EXPECT_TRUE(diff(*first.model, *second.model).empty());
}

}  // namespace
}  // namespace picket::config

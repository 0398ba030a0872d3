// SPDX-License-Identifier: Apache-2.0
//
// Which files are read, and how they become one.
#include "fixture.hpp"

namespace picket::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Merge : public ConfigTest {};

TEST_F(Merge, a_directory_means_its_picket_yaml_and_conf_d_in_byte_order) {
  write("picket.yaml", "instances: {a: {type: meter}}\n");
  write("conf.d/20-b.yaml", "instances: {b: {type: meter}}\n");
  write("conf.d/10-c.yaml", "instances: {c: {type: store}}\nroutes: {r: {from: [a, b], to: c}}\n");
  write("conf.d/.hidden.yaml", "no: good\n");
  write("conf.d/readme.txt", "no: good\n");
  input.files = {directory};
  const Loaded loaded = load(input);
  ASSERT_TRUE(loaded.model) << loaded.diagnostics.render();
  EXPECT_THAT(loaded.model->files,
              ElementsAre(HasSubstr("picket.yaml"), HasSubstr("10-c.yaml"), HasSubstr("20-b.yaml")));
  EXPECT_EQ(loaded.model->instances.size(), 3U);
  EXPECT_EQ(loaded.diagnostics.items().size(), 0U) << loaded.diagnostics.render();
}

TEST_F(Merge, a_name_defined_in_two_files_names_both_places) {
  const auto main = write("picket.yaml", "instances:\n  a: {type: meter}\nroutes:\n  r: {from: a, to: a}\n");
  write("conf.d/x.yaml", "routes:\n  r: {from: a, to: a}\ninstances:\n  a: {type: store}\n");
  input.files = {main};
  const Loaded loaded = load(input);
  EXPECT_FALSE(loaded.model);
  EXPECT_THAT(
      errors(loaded.diagnostics),
      ElementsAre(
          testing::AllOf(HasSubstr("2:3: `r` is defined twice; it is also at "), HasSubstr("picket.yaml:4:3")),
          testing::AllOf(HasSubstr("4:3: `a` is defined twice; it is also at "), HasSubstr("picket.yaml:2:3"))));
}

TEST_F(Merge, daemon_settings_may_be_spread_but_not_repeated) {
  const auto main = write("picket.yaml", "daemon: {log: {level: debug}, threads: 3}\n");
  const auto more = write("conf.d/x.yaml", "daemon:\n  log: {format: json}\n");
  input.files = {main};
  Loaded loaded = load(input);
  ASSERT_TRUE(loaded.model) << loaded.diagnostics.render();
  EXPECT_EQ(loaded.model->daemon.log_level, "debug");
  EXPECT_EQ(loaded.model->daemon.log_format, LogFormat::json);
  EXPECT_EQ(loaded.model->daemon.threads, 3U);

  write("conf.d/x.yaml", "daemon:\n  log: {level: info}\n");
  loaded = load(input);
  EXPECT_THAT(errors(loaded.diagnostics),
              ElementsAre(testing::AllOf(HasSubstr("2:9: `daemon.log.level` is defined twice"),
                                         HasSubstr("picket.yaml:1:16"))));
}

TEST_F(Merge, a_file_with_another_ending_in_conf_d_is_pointed_out) {
  const auto main = write("picket.yaml", "{}\n");
  write("conf.d/x.yml", "daemon: {threads: 3}\n");
  input.files = {main};
  const Loaded loaded = load(input);
  ASSERT_TRUE(loaded.model);
  EXPECT_THAT(loaded.diagnostics.render(), HasSubstr("x.yml: warning: is not read: only *.yaml is"));
}

TEST_F(Merge, files_that_cannot_be_read_are_named) {
  input.files = {directory / "nowhere.yaml"};
  EXPECT_THAT(load(input).diagnostics.render(), HasSubstr("nowhere.yaml: there is no such file"));
  input.files = {write("a.yaml", "{}"), directory / "a.yaml"};
  EXPECT_THAT(load(input).diagnostics.render(), HasSubstr("a.yaml: is given twice"));
  input.files = {};
  EXPECT_THAT(load(input).diagnostics.render(), HasSubstr("no configuration file is given"));
  std::filesystem::create_directories(directory / "d" / "picket.yaml");
  input.files = {directory / "d"};
  EXPECT_FALSE(load(input).model);
  input.files = {write("big.yaml", std::string((4U << 20U) + 1, '#'))};
  EXPECT_THAT(load(input).diagnostics.render(), HasSubstr("is larger than 4 MiB"));
}

TEST_F(Merge, a_syntax_error_is_reported_for_each_file_and_hides_no_other) {
  const auto main = write("picket.yaml", "a: b: c\n");
  write("conf.d/x.yaml", "a: [\n");
  input.files = {main};
  const Loaded loaded = load(input);
  EXPECT_FALSE(loaded.model);
  EXPECT_EQ(loaded.diagnostics.errors(), 2U) << loaded.diagnostics.render();
}

TEST_F(Merge, sections_must_be_known_mappings) {
  EXPECT_THAT(errors(load_text("instance: {}\n").diagnostics),
              ElementsAre("1:1: unknown section `instance`; did you mean `instances`?"));
  EXPECT_THAT(errors(load_text("routes: [a]\n").diagnostics), ElementsAre("1:9: `routes` must be a mapping"));
  EXPECT_THAT(errors(load_text("- a\n").diagnostics),
              ElementsAre("1:1: the file must be a mapping of `daemon`, `instances`, `routes`, `tests`"));
  EXPECT_TRUE(load_text("instances:\nroutes:\n").model);
  EXPECT_TRUE(load_text("").model);
}

TEST_F(Merge, entries_are_limited) {
  std::string text = "routes: {}\ninstances:\n";
  for (int i = 0; i <= 10'000; ++i) text += "  i" + std::to_string(i) + ":\n";
  EXPECT_THAT(errors(load_text(text).diagnostics), ElementsAre("3:3: more than 10000 entries in all files"));
}

}  // namespace
}  // namespace picket::config

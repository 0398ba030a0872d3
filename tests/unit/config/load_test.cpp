// SPDX-License-Identifier: Apache-2.0
//
// The daemon's own section, and what is handed to others.
#include <utility>

#include "fixture.hpp"

namespace picket::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Load : public ConfigTest {
 protected:
  static std::string text(const std::filesystem::path& path) {
    const std::u8string utf8 = path.lexically_normal().u8string();
    return {utf8.begin(), utf8.end()};
  }
};

TEST_F(Load, nothing_said_means_defaults) {
  const Loaded loaded = load_text("");
  ASSERT_TRUE(loaded.model) << loaded.diagnostics.render();
  DaemonSettings expected;
  expected.state_dir = text(directory / "state");
  expected.plugin_dirs = {text(directory / "plugins")};
  EXPECT_EQ(loaded.model->daemon, expected);
}

TEST_F(Load, the_daemon_section_is_read) {
  const Loaded loaded = load_text(
      "daemon:\n  log: {level: error, format: json}\n  state_dir: here\n  plugin_dirs: [p1, ./p2]\n  secrets_dir: s\n"
      "  stop_timeout: 1m\n  metrics: {interval: 1s}\n  threads: 8\n");
  ASSERT_TRUE(loaded.model) << loaded.diagnostics.render();
  const DaemonSettings& daemon = loaded.model->daemon;
  EXPECT_EQ(daemon.log_level, "error");
  EXPECT_EQ(daemon.log_format, LogFormat::json);
  EXPECT_EQ(daemon.state_dir, text(directory / "here"));
  EXPECT_THAT(daemon.plugin_dirs, ElementsAre(text(directory / "p1"), text(directory / "p2")));
  EXPECT_EQ(daemon.secrets_dir, text(directory / "s"));
  EXPECT_EQ(daemon.stop_timeout_ns, 60'000'000'000);
  EXPECT_EQ(daemon.metrics_interval_ns, 1'000'000'000);
  EXPECT_EQ(daemon.threads, 8U);
}

TEST_F(Load, the_environment_moves_directories_that_the_file_does_not) {
  const std::string a = text(directory / "a");
  const std::string b = text(directory / "b");
  environment["STATE_DIRECTORY"] = a + kPathListSeparator + b;
  environment["PICKET_PLUGIN_PATH"] = b + kPathListSeparator + kPathListSeparator + a;
  Loaded loaded = load_text("");
  EXPECT_EQ(loaded.model->daemon.state_dir, a);
  EXPECT_THAT(loaded.model->daemon.plugin_dirs, ElementsAre(b, a));
  loaded = load_text("daemon: {state_dir: c, plugin_dirs: [d]}\n");
  EXPECT_EQ(loaded.model->daemon.state_dir, text(directory / "c"));
  EXPECT_THAT(loaded.model->daemon.plugin_dirs, ElementsAre(text(directory / "d")));
}

TEST_F(Load, mistakes_in_the_daemon_section_are_found) {
  EXPECT_THAT(
      errors(
          load_text("daemon:\n  log: {level: warn}\n  threads: 65\n  stop_timeout: 2h\n  colour: red\n").diagnostics),
      ElementsAre(HasSubstr("2:16: `warn` is not allowed; one of"), "3:12: `65` is too large; it must be at most 64",
                  "4:17: `2h` is too large; it must be at most 1h", HasSubstr("5:3: unknown key `colour`")));
}

TEST_F(Load, the_daemon_section_is_announced_before_a_plugin_is_asked_for) {
  plugins.schemas.clear();
  input.on_daemon = [this](const DaemonSettings& daemon) {
    plugins.schemas["late"] = "{}";
    EXPECT_EQ(daemon.threads, 3U);
  };
  EXPECT_TRUE(load_text("daemon: {threads: 3}\ninstances: {x: {type: late}}\n").model);
}

TEST_F(Load, instances_are_checked_although_the_daemon_section_has_mistakes) {
  const auto schemas = std::exchange(plugins.schemas, {});
  std::vector<std::string> looked_in;
  input.on_daemon = [&](const DaemonSettings& daemon) {
    looked_in = daemon.plugin_dirs;
    plugins.schemas = schemas;
  };
  const char* const rest = "instances: {x: {type: meter, count: 0}}\n";
  const auto bad_count = HasSubstr("`0` is too small");
  EXPECT_THAT(errors(load_text(std::string("daemon: {threads: 0}\n") + rest).diagnostics),
              ElementsAre(HasSubstr("`0` is too small; it must be at least 1"), bad_count));
  EXPECT_THAT(looked_in, ElementsAre(text(directory / "plugins"))) << "the default";
  EXPECT_THAT(errors(load_text(std::string("daemon: {threads: 0, plugin_dirs: [d]}\n") + rest).diagnostics),
              ElementsAre(HasSubstr("`0` is too small"), bad_count));
  EXPECT_THAT(looked_in, ElementsAre(text(directory / "d")));
  EXPECT_THAT(errors(load_text(std::string("daemon: {plugin_dirs: 7}\n") + rest).diagnostics),
              ElementsAre(HasSubstr("1:23: expected a list"), bad_count));
  EXPECT_THAT(looked_in, ElementsAre(text(directory / "plugins")));
}

TEST_F(Load, a_plugin_that_cannot_be_used_is_not_called_missing) {
  plugins.broken["meter"] = "plugin /p/libmeter.so cannot be used: it is rusty";
  EXPECT_THAT(errors(load_text("instances: {x: {type: meter}}\n").diagnostics),
              ElementsAre("1:23: instance `x`: plugin /p/libmeter.so cannot be used: it is rusty"));
}

TEST_F(Load, without_any_plugin_the_message_says_so) {
  plugins.schemas.clear();
  EXPECT_THAT(errors(load_text("instances: {x: {type: meter}}\n").diagnostics),
              ElementsAre(HasSubstr("no plugin is installed in the plugin directories")));
}

TEST_F(Load, the_same_files_give_the_same_settings) {
  const std::string yaml = "instances: {m: {type: meter, size: 5kB, mode: fast, any: {z: 1, a: 2}}}\n";
  const Loaded first = load_text(yaml);
  const Loaded second = load_text(yaml);
  ASSERT_TRUE(first.model && second.model);
  EXPECT_EQ(first.model->instances.at("m").settings, second.model->instances.at("m").settings);
  EXPECT_EQ(first.model->instances.at("m").settings,
            R"({"any":{"a":2,"z":1},"interval":5000000000,"mode":"fast","size":5000})");
}

TEST_F(Load, texts_in_memory_are_checked_like_files) {
  const Loaded good =
      load_texts({{"one", "instances: {a: {type: meter}}\n"}, {"two", "daemon: {threads: 4}\n"}}, input);
  ASSERT_TRUE(good.model) << good.diagnostics.render();
  EXPECT_EQ(good.model->daemon.threads, 4U);
  EXPECT_THAT(good.model->files, ElementsAre("one", "two"));
  const Loaded bad = load_texts({{"one", "a: \xFF\n"}, {"two", "b: [\n"}}, input);
  EXPECT_FALSE(bad.model);
  EXPECT_EQ(bad.diagnostics.errors(), 2U) << bad.diagnostics.render();
}

TEST_F(Load, the_shipped_configuration_is_good) {
  plugins.schemas["perf_collector"] = R"({"properties": {"interval": {"format": "duration", "default": "5s"}}})";
  plugins.schemas["perf_database"] = R"({"properties": {"url": {"type": "string"}}})";
  plugins.schemas["pipe_server"] = R"({"properties": {"listen": {"type": "object"}}})";
  input.files = {std::filesystem::path(PICKET_SHIPPED_CONFIG)};
  const Loaded loaded = load(input);
  ASSERT_TRUE(loaded.model) << loaded.diagnostics.render();
  EXPECT_EQ(loaded.diagnostics.items().size(), 0U) << loaded.diagnostics.render();
  EXPECT_EQ(loaded.model->instances.at("host").type, "perf_collector");
  EXPECT_EQ(loaded.model->instances.at("history").type, "perf_database");
  EXPECT_EQ(loaded.model->routes.at("perf-to-history").to.at(0).instance, "history");
}

// Found by fuzzing: the mistake is reported while substituting, and the checks after it must not take the value.
TEST_F(Load, a_variable_that_is_not_set_is_one_mistake_wherever_it_stands) {
  for (const char* text :
       {"daemon:\n  state_dir: ${NONE}\n", "daemon: {plugin_dirs: [\"${NONE}\"]}\n",
        "daemon:\n  log:\n    level: ${NONE}\n", "daemon:\n  log: ${NONE}\n", "instances:\n  a: {type: \"${NONE}\"}\n",
        "instances:\n  a: {type: meter, count: \"${NONE}\"}\n",
        "instances: {a: {type: meter}}\nroutes: {r: {from: \"${NONE}\", to: a}}\n",
        "instances: {a: {type: meter}}\nroutes: {r: {from: a, to: [\"${NONE}\"]}}\n",
        "instances: {a: {type: meter}}\nroutes: {r: {from: a, to: {instance: a, queue: {bytes: \"${NONE}\"}}}}\n",
        "instances: {a: {type: meter}}\nroutes: {r: {from: a, to: a, where: \"${NONE}\"}}\n"}) {
    const Loaded loaded = load_text(text);
    EXPECT_FALSE(loaded.model) << text;
    EXPECT_THAT(errors(loaded.diagnostics), ElementsAre(HasSubstr("environment variable NONE is not set"))) << text;
  }
}

}  // namespace
}  // namespace picket::config

// SPDX-License-Identifier: Apache-2.0
//
// Does the private prefix of packaging/windows/dependencies hold working libraries? Each is used once, in the way that
// would show a wrong recipe: a table that was not generated, a header that expects a DLL, a missing feature.
#include <gtest/gtest.h>
#include <re2/re2.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sqlite3.h>
#include <yaml-cpp/yaml.h>
#include <zstd.h>
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/dll/shared_library.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace {

TEST(WindowsPrefix, re2_knows_unicode_classes_and_case_folding) {
  EXPECT_TRUE(RE2::FullMatch("\xC3\x84rger", "\\p{Lu}\\p{Ll}+"));
  EXPECT_TRUE(RE2::FullMatch("\xC3\x84RGER", "(?i)\xC3\xA4rger"));
  EXPECT_FALSE(RE2::FullMatch("1rger", "\\pL+"));
}

TEST(WindowsPrefix, yaml_marks_tell_line_and_column) {
  const YAML::Node node = YAML::Load("a: 1\nb: [x, y]\n");
  EXPECT_EQ(node["b"][1].as<std::string>(), "y");
  EXPECT_EQ(node["b"].Mark().line, 1);
  EXPECT_EQ(node["b"].Mark().column, 3);
}

TEST(WindowsPrefix, sqlite_is_thread_safe_and_keeps_a_write_ahead_log) {
  EXPECT_NE(sqlite3_threadsafe(), 0);
  const auto path = std::filesystem::temp_directory_path() / "picket_windows_prefix_test.db";
  std::filesystem::remove(path);
  sqlite3* opened = nullptr;
  ASSERT_EQ(sqlite3_open(path.string().c_str(), &opened), SQLITE_OK);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(opened, sqlite3_close);
  std::string mode;
  const auto keep = [](void* out, int, char** values, char**) {
    *static_cast<std::string*>(out) = values[0];
    return 0;
  };
  ASSERT_EQ(sqlite3_exec(opened, "PRAGMA journal_mode=WAL", keep, &mode, nullptr), SQLITE_OK);
  EXPECT_EQ(mode, "wal");
}

TEST(WindowsPrefix, zstd_gives_back_what_it_took) {
  const std::string text(10'000, 'x');
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  EXPECT_LT(packed.size(), text.size() / 10);
  std::string back(text.size(), '\0');
  EXPECT_EQ(ZSTD_decompress(back.data(), back.size(), packed.data(), packed.size()), text.size());
  EXPECT_EQ(back, text);
}

TEST(WindowsPrefix, a_schema_refuses_what_it_should) {
  const nlohmann::json document = nlohmann::json::parse(R"({"type": "object", "required": ["name"]})");
  valijson::Schema schema;
  valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(document), schema);
  const auto valid = [&](const nlohmann::json& value) {
    return valijson::Validator().validate(schema, valijson::adapters::NlohmannJsonAdapter(value), nullptr);
  };
  EXPECT_TRUE(valid({{"name", "host"}}));
  EXPECT_FALSE(valid(nlohmann::json::object()));
}

TEST(WindowsPrefix, a_logger_formats) {
  std::ostringstream out;
  spdlog::logger logger("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(out));
  logger.set_pattern("%v");
  logger.info("{} of {}", 3, 500);
  EXPECT_EQ(out.str().substr(0, 8), "3 of 500");
}

TEST(WindowsPrefix, a_command_line_is_parsed) {
  CLI::App app;
  std::string config;
  app.add_option("--config", config);
  app.parse(std::string("--config picket.yaml"));
  EXPECT_EQ(config, "picket.yaml");
}

TEST(WindowsPrefix, a_timer_fires_and_a_system_library_loads) {
  boost::asio::io_context context;
  boost::asio::steady_timer timer(context, std::chrono::milliseconds(1));
  bool fired = false;
  timer.async_wait([&](const boost::system::error_code& error) { fired = !error; });
  context.run();
  EXPECT_TRUE(fired);
  const boost::dll::shared_library library("kernel32.dll", boost::dll::load_mode::search_system_folders);
  EXPECT_TRUE(library.has("GetTickCount64"));
}

}  // namespace

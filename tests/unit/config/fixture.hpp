// SPDX-License-Identifier: Apache-2.0
//
// A directory of configuration files with fake plugins and a fake environment, for the tests of load().
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/loader.hpp"

namespace picket::config {

// Plugin types by name; a test adds the schemas that it needs.
class FakePlugins : public PluginSchemas {
 public:
  Result<std::string> find(std::string_view type) const override {
    if (const auto why = broken.find(type); why != broken.end()) return Error{why->second};
    const auto found = schemas.find(type);
    if (found == schemas.end()) return Error{"there is none", PICKET_NOT_FOUND};
    return found->second;
  }
  std::vector<std::string> types() const override {
    std::vector<std::string> names;
    for (const auto& [name, schema] : schemas) names.push_back(name);
    return names;
  }

  std::map<std::string, std::string, std::less<>> schemas;
  std::map<std::string, std::string, std::less<>> broken;  // why, by type
};

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    directory = std::filesystem::temp_directory_path() /
                (std::string("picket_") + test->test_suite_name() + "_" + test->name());
    std::filesystem::remove_all(directory);
    std::filesystem::create_directories(directory);
    plugins.schemas["meter"] = R"({"type": "object", "properties": {
        "interval": {"type": "string", "format": "duration", "default": "5s", "minimum": "100ms", "maximum": "1d"},
        "keep": {"type": "string", "format": "duration", "forever": true},
        "size": {"type": "string", "format": "bytes", "maximum": "1GiB"},
        "file": {"type": "string", "format": "path"},
        "mode": {"enum": ["fast", "slow", "precise"]},
        "count": {"type": "integer", "minimum": 1, "maximum": 10},
        "ratio": {"type": "number"},
        "label": {"type": "string", "minLength": 1, "maxLength": 8, "pattern": "^[a-z]*$"},
        "on": {"type": "boolean"},
        "password": {"type": "string", "secret": true, "maxLength": 20},
        "names": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        "any": {}}})";
    plugins.schemas["store"] = R"({"type": "object", "properties": {"url": {"type": "string"}}})";
    input.environment = [this](std::string_view name) -> std::optional<std::string> {
      const auto found = environment.find(std::string(name));
      return found == environment.end() ? std::nullopt : std::optional(found->second);
    };
    input.plugins = &plugins;
    input.defaults.state_dir = directory / "state";
    input.defaults.plugin_dirs = {directory / "plugins"};
  }
  ~ConfigTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }

  std::filesystem::path write(const std::string& name, std::string_view text) const {
    const std::filesystem::path path = directory / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  Loaded load_text(std::string_view text) {
    input.files = {write("picket.yaml", text)};
    return load(input);
  }

  // Settings of the one instance `m` of type meter, as canonical JSON; empty after an error.
  std::string settings_of(const std::string& flow_mapping_inside) {
    Loaded loaded = load_text("instances:\n  m: {type: meter, " + flow_mapping_inside + "}\n");
    last = loaded.diagnostics;
    return loaded.model ? loaded.model->instances.at("m").settings : "";
  }

  // "line:column: message" of every error (without file).
  static std::vector<std::string> errors(const Diagnostics& diagnostics) {
    std::vector<std::string> all;
    for (const Diagnostic& item : diagnostics.items()) {
      if (item.severity != Severity::error) continue;
      all.push_back(std::to_string(item.where.line) + ":" + std::to_string(item.where.column) + ": " + item.message);
    }
    return all;
  }

  std::filesystem::path directory;
  FakePlugins plugins;
  std::map<std::string, std::string> environment;
  LoadInput input;
  Diagnostics last;
};

}  // namespace picket::config
